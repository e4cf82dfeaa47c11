"""Try everything that a package may lack: devices, codecs, windows, child processes."""

from parfocal.cli.selftest._course import Course, SelfTestError, StepResult
from parfocal.cli.selftest._steps import take_steps

__all__ = ["Course", "SelfTestError", "StepResult", "take_steps"]
