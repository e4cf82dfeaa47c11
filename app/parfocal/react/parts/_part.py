"""What every built-in part is: a frozen value whose fields are its parameters."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Part"]


class Part(BaseModel):
    """A parameter that is misspelt or out of its range is refused when the part is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")
