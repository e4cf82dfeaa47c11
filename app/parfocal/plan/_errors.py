"""Say in one sentence why a plan cannot be read, written or run."""

from parfocal import ParfocalError

__all__ = ["PlanError"]


class PlanError(ParfocalError):
    """A plan that cannot be read, written or run, told in one sentence."""
