"""The verbs: everything the window does, without a window. One module a verb in `verbs/`."""

from parfocal.cli._dispatch import run_verb

__all__ = ["run_verb"]
