"""The errors of this room: say which device, which value, and let nothing pass unsaid."""

from types import TracebackType

from parfocal import ParfocalError

__all__ = [
    "MicroscopeError",
    "MicroscopeNotAnswering",
    "MicroscopeTimeout",
    "OpeningCancelled",
    "Unwanted",
    "commanding",
]


class MicroscopeError(ParfocalError):
    """The microscope refused or failed; the sentence says which device, which value, what to do."""


class MicroscopeTimeout(MicroscopeError):  # noqa: N818 — what happened, as TimeoutError has none
    """A device did not answer within the deadline; the event may be skipped or tried again."""


class MicroscopeNotAnswering(MicroscopeTimeout):
    """A call into a device did not come back and was abandoned.

    Nothing else can be asked of the hardware until it does, or until the microscope is reopened.
    """


class OpeningCancelled(MicroscopeError):  # noqa: N818 — nobody did anything wrong
    """The operator changed his mind while the microscope was being opened; all is unloaded."""


class Unwanted(MicroscopeError):  # noqa: N818 — nobody did anything wrong
    """What was under way was told to stop, and did; nobody but the engine sees this."""


class commanding:  # noqa: N801 — reads as a word where it is used: `with commanding("stage Z", …)`
    """Turn whatever a device raises into a sentence: `with commanding("stage Z", "move to 3 µm")`.

    A context manager and not an except clause, since a Python device may raise any class at all.
    """

    def __init__(self, device: str, action: str) -> None:
        self._device = device
        self._action = action

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, ParfocalError):
            said = str(error).strip().rstrip(".") or type(error).__name__
            raise MicroscopeError(f"{self._device} could not {self._action}: {said}.") from error
