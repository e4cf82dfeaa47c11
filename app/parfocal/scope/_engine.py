"""The engine that taps frames: give it callbacks, and every frame or missing frame reaches them.

The tap is a direct call in the engine's thread and not pymmcore-plus' frameReady: with a
QApplication loaded that signal is queued to the main thread, and a waiting main thread gets none.
The hardware itself is asked in a thread of its own, so that no call is waited for without end.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal, TypeAlias

from pymmcore_plus import CMMCorePlus
from pymmcore_plus.core import SequencedEvent
from pymmcore_plus.metadata import SummaryMetaV1
from useq import AcquireImage, HardwareAutofocus, MDAEvent, MDASequence

from parfocal.scope._errors import MicroscopeError, Unwanted
from parfocal.scope._frame import Frame, FrameTag
from parfocal.scope._hardware import Hardware
from parfocal.scope._speaking_engine import (
    Payload,
    Payloads,
    Signal,
    SimulatedCamera,
    SpeakingEngine,
)

__all__ = ["Decision", "SimulatedCamera", "TappingEngine"]

_log = logging.getLogger(__name__)

Decision: TypeAlias = Literal["skip", "retry", "abort"]


class WrongFrame(MicroscopeError):  # noqa: N818 — what came, not what failed
    """A frame of another size than those before it; the store has no place for it."""


class TappingEngine(SpeakingEngine):
    """pymmcore-plus' engine that hands frames over in its own thread and swallows nothing.

    `cancelled` may be replaced by the run's own event before it starts; nobody clears it here.
    After it is set no frame is handed on.

    `on_trouble(event, error, attempt)` decides what becomes of an event whose stage, camera or
    autofocus failed or was late: "skip" tells its frames as missing, "retry" tries again (what is
    left of a hardware sequence one by one), "abort" raises. Without it every error is raised.
    """

    def __init__(
        self, core: CMMCorePlus, hardware: Hardware, simulated: SimulatedCamera | None = None
    ) -> None:
        super().__init__(core, hardware, simulated)
        self.on_frame: Callable[[Frame], None] | None = None
        self.on_missing: Callable[[FrameTag], None] | None = None
        self.on_event_start: Callable[[MDAEvent], None] | None = None
        self.on_trouble: Callable[[MDAEvent, MicroscopeError, int], Decision] | None = None
        self._given_up = False

    # ------------------------------------------------------------------ the runner's protocol

    def setup_sequence(self, sequence: MDASequence) -> SummaryMetaV1 | None:
        return self._ask(partial(self._prepare, sequence), "prepare for the run")

    def event_iterator(self, events: Iterable[MDAEvent]) -> Iterator[MDAEvent]:
        """Merge events into hardware sequences; an unknown channel is refused before that."""
        merged = partial(super().event_iterator, self._with_known_channels(events))
        if not isinstance(events, list | tuple):  # may be endless
            return merged()
        return iter(self._ask(lambda: list(merged()), "say what it can do as a sequence"))

    def setup_event(self, event: MDAEvent) -> None:
        self._given_up = False
        attempt = 0
        while not self.cancelled.is_set():
            try:
                self._ask(partial(self._set_up, event), "get ready for the next exposure")
            except Unwanted:
                return  # cancelled: exec_event does nothing
            except MicroscopeError as error:
                attempt += 1
                if self._decide(event, error, attempt) == "skip":
                    self._given_up = True
                    return
            else:
                return

    def teardown_event(self, event: MDAEvent) -> None:
        last = event.events[-1] if isinstance(event, SequencedEvent) else event
        if not last.keep_shutter_open:
            # an event that was skipped has not closed it, and the next may be an hour away
            self.shut()
        if isinstance(event, SequencedEvent) and not self._hardware.stuck_in:
            self._ask(partial(self._settle_after, event), "settle after an exposure")
        elif not event.keep_shutter_open and self._autoshutter_was_set:
            self.mmcore.setAutoShutter(True)  # the core's own flag: no device is asked

    def exec_event(self, event: MDAEvent) -> Payloads:
        """Run the event's exposures and hand each frame over before the runner sees it."""
        if self.cancelled.is_set():
            return
        if isinstance(event.action, HardwareAutofocus):
            if not self._given_up:
                self._autofocus(event, event.action)
            return
        if not isinstance(event.action, AcquireImage | None):
            return
        planned = event.events if isinstance(event, SequencedEvent) else (event,)
        if self._given_up:
            yield from self._missing(planned)
            return
        if self._simulated is not None:
            self._simulated.foretell(event)
        if self.on_event_start is not None:
            self.on_event_start(event)
        try:
            yield from self._tap(event, planned)
        finally:
            if self._simulated is not None:
                self._simulated.foretell(None)

    def _tap(self, event: MDAEvent, planned: Sequence[MDAEvent]) -> Payloads:
        payloads = self._exposures(event)
        # `send` and not `for`: a plain loop loses the runner's "cancel", and a sequence of 400
        # frames then ran to its end (3.8 s instead of 0.04 s)
        signal: Signal = None
        dealt = attempt = 0
        try:
            while True:
                try:
                    payload = payloads.send(signal)
                    signal = None
                    if payload is not None:
                        self._check_shape(payload, planned[dealt])
                except StopIteration:
                    return
                except MicroscopeError as error:
                    attempt += 1
                    decision = self._decide(event, error, attempt)
                    if decision == "retry" and dealt < len(planned):
                        payloads.close()
                        payloads, signal = self._one_by_one(planned[dealt:]), None
                        continue
                    if not isinstance(error, WrongFrame):
                        yield from self._missing(planned[dealt:])
                        return
                    payload = None  # only this frame is spoilt, and the camera goes on
                self._hand_on(payload, planned[dealt])
                dealt, attempt = dealt + 1, attempt if payload is None else 0
                signal = yield payload
        finally:
            payloads.close()  # a callback that raised leaves a sequence running otherwise

    def _hand_on(self, payload: Payload | None, planned: MDAEvent) -> None:
        tag = planned.metadata.get("parfocal")
        if tag is None:
            return
        if payload is None:
            if self.on_missing is not None:
                self.on_missing(tag)
        elif self.on_frame is not None:
            self.on_frame(Frame(tag, payload[0], payload[2]))

    def _missing(self, planned: Iterable[MDAEvent]) -> Payloads:
        for event in planned:
            self._hand_on(None, event)
            yield None

    def _decide(self, event: MDAEvent, error: MicroscopeError, attempt: int) -> Decision:
        """What becomes of an event that failed; raises the error where nobody wants it to go on."""
        if self.on_trouble is None or self.cancelled.is_set():
            raise error
        decision = self.on_trouble(event, error, attempt)
        if decision == "abort":
            raise error
        _log.warning("%s: %s", decision, error)
        return decision

    def _check_shape(self, payload: Payload, event: MDAEvent) -> None:
        height, width = payload[0].shape[:2]
        if (height, width) != self._frame_shape:
            rows, columns = self._frame_shape
            tag = event.metadata.get("parfocal")
            which = "" if tag is None else " at t {}, p {}, c {}, z {}".format(*tag.index)
            raise WrongFrame(
                f"Camera {self._camera!r} gave a frame of {width} × {height} pixels{which}; "
                f"those of this run have {columns} × {rows}. Set its region and binning before "
                "the run."
            )

    # ------------------------------------------------------------------ single exposures

    def _exposures(self, event: MDAEvent) -> Payloads:
        if isinstance(event, SequencedEvent):
            return self.exec_sequenced_event(event)
        return self.exec_single_event(event)

    def _one_by_one(self, events: Iterable[MDAEvent]) -> Payloads:
        """What is left of a hardware sequence, each with its own commands."""
        for event in events:
            if self._simulated is not None:
                self._simulated.foretell(event)
            self._ask(partial(self._set_up, event), "get ready for the next exposure")
            yield from self.exec_single_event(event)

    # ------------------------------------------------------------------ autofocus

    def _autofocus(self, event: MDAEvent, action: HardwareAutofocus) -> None:
        """Focus, and keep what it found for the planes of this field."""
        field, attempt = event.index.get("p"), 0
        while not self.cancelled.is_set():
            try:
                correction = self._ask(partial(self._focus, action), "focus by itself")
            except MicroscopeError as error:
                self._af_succeeded = False
                attempt += 1
                if self._decide(event, error, attempt) == "skip":
                    return
            else:
                self._af_succeeded = True
                self._z_correction[field] = correction + self._z_correction.get(field, 0.0)
                return
