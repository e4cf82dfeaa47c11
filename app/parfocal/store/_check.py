"""Check a store strictly: what is wrong, where, how bad, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, which rule, how bad, and what to do."""

    path: str
    rule: str
    severity: Literal["error", "warning"]
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome of a check; `ok` when no finding is an error."""

    ok: bool
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with the keys of the command line."""
        raise NotImplementedError


def check(path: Path | str, deep: bool = False) -> CheckReport:
    """Check the store at `path`; `deep` decodes every chunk."""
    raise NotImplementedError
