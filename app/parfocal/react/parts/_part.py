"""What every built-in part is: a frozen value whose fields are its parameters."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DEGREES", "PIXELS", "Part"]

# a form writes the unit behind the figure
PIXELS = Field(json_schema_extra={"unit": "px"})
DEGREES = Field(json_schema_extra={"unit": "°"})


class Part(BaseModel):
    """A parameter that is misspelt or out of its range is refused when the part is made.

    The sentence under a field says what it is; a form shows it as its tooltip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
