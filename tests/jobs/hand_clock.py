"""A clock that stands until a test moves it."""

from __future__ import annotations

from parfocal.jobs import Moment, SystemClock


class LaterClock(SystemClock):
    """The computer's, `ahead` of it."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead

    def now(self) -> Moment:
        return super().now().after(self.ahead)


class HandClock:
    """`pass_by` is time; `jump` is what somebody, or NTP, does to the wall clock."""

    def __init__(self) -> None:
        self.moment = Moment(1_800_000_000.0, 1000.0, "first")

    def now(self) -> Moment:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment = self.moment.after(seconds)

    def jump(self, seconds: float) -> None:
        moment = self.moment
        self.moment = Moment(moment.utc + seconds, moment.monotonic, moment.boot)

    def restart(self) -> None:
        """The computer starts anew, and so does its monotonic clock."""
        moment = self.moment
        self.moment = Moment(moment.utc + 60, 5.0, moment.boot + "+")
