"""Say what is wrong with a store: where, which rule, how bad, and what to do about it."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, which rule, how bad, and what to do."""

    path: str
    rule: str
    severity: Severity
    message: str
    fix: str

    def as_json(self) -> dict[str, str]:
        """The same as plain JSON values, with the keys of the command line."""
        return {
            "path": self.path,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "fix": self.fix,
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome of a check; `ok` when no finding is an error."""

    ok: bool
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with the keys of the command line."""
        return {"ok": self.ok, "findings": [finding.as_json() for finding in self.findings]}
