"""Know what a run is to do and how far it is, while the plan may change under its feet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from parfocal.plan import Anchor, Experiment, Item, Schedule, Step

__all__ = ["Place", "Program"]

LOOK_S = 0.05


class Place(NamedTuple):
    """Where the feed stands: the schedule of one revision, and how many steps were handed out."""

    revision: int
    schedule: Schedule
    done: int

    @property
    def step(self) -> Step | None:
        """The next step; None behind the last one."""
        steps = self.schedule.steps
        return steps[self.done] if self.done < len(steps) else None

    @property
    def anchor(self) -> Anchor:
        """What the next step's due time counts from."""
        assert self.step is not None  # nobody asks behind the last step
        return self.schedule.anchors[self.step.anchor]

    def is_boundary(self, position: int | None = None) -> bool:
        """Whether an event ends before this position; here, unless another one is given."""
        position = self.done if position is None else position
        steps = self.schedule.steps
        return (
            position == 0
            or position == len(steps)
            or steps[position].event != steps[position - 1].event
        )


class Program:
    """The plan and its schedule as they stand. What was handed out is never taken back."""

    def __init__(self, experiment: Experiment, schedule: Schedule) -> None:
        self.experiment = experiment
        self.schedule = schedule
        self.revision = 0
        self._items = experiment.every_item
        self._done = 0
        self._changed = threading.Condition()
        self._revising = threading.Lock()
        self._standing = False
        self._growing = False
        self._closed = False

    def place(self) -> Place:
        """Where the feed stands now."""
        with self._changed:
            return Place(self.revision, self.schedule, self._done)

    def item_of(self, step: Step) -> Item:
        """The item of the plan that a step comes from."""
        return self._items[step.item]

    def left(self) -> Iterator[tuple[Step, Item]]:
        """What was not handed out, with the item that it comes from."""
        place = self.place()
        for step in place.schedule.steps[place.done :]:
            yield step, self.item_of(step)

    @property
    def closed(self) -> bool:
        """Whether the last step was handed out for good."""
        return self._closed

    # ------------------------------------------------------------------ the feed

    def take(self, steps: int, revision: int, cancelled: threading.Event) -> bool:
        """Hand out the next steps; False when the plan was changed since, or on a cancel."""
        with self._changed:
            while self._standing and not cancelled.is_set():
                self._changed.wait(LOOK_S)
            if revision != self.revision or cancelled.is_set():
                return False
            self._done += steps
            return True

    def close(self, cancelled: threading.Event) -> bool:
        """Nothing is added from now on; False when there is more to do after all."""
        with self._changed:
            while (self._standing or self._growing) and not cancelled.is_set():
                self._changed.wait(LOOK_S)
            if self._done < len(self.schedule.steps) and not cancelled.is_set():
                return False
            self._closed = True
            return True

    def shut(self) -> None:
        """The run has ended, however it did."""
        with self._changed:
            self._closed = True

    # ------------------------------------------------------------------ who changes the plan

    @contextmanager
    def revising(self, *, standing: bool) -> Iterator[Place]:
        """One change at a time; the run does not end meanwhile.

        `standing`: nothing more is handed out either, since what was decides what is replaced.
        """
        with self._revising:
            with self._changed:
                self._standing, self._growing = standing, True
            try:
                yield self.place()
            finally:
                with self._changed:
                    self._standing = self._growing = False
                    self._changed.notify_all()

    def adopt(self, experiment: Experiment, schedule: Schedule) -> bool:
        """The plan is this one from now on; False when the run has ended meanwhile."""
        with self._changed:
            if self._closed:
                return False
            self.experiment, self.schedule = experiment, schedule
            self._items = experiment.every_item
            self.revision += 1
            return True
