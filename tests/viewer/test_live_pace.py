"""Which frames of a run the viewers get."""

from parfocal.viewer import LivePace


class Hours:
    """A clock, and how long the run had a processor."""

    def __init__(self) -> None:
        self.now = self.used = 0.0

    def pass_by(self, seconds: float, processors: float) -> None:
        self.now += seconds
        self.used += seconds * processors


def turns(pace: LivePace, hours: Hours, busy_with: float, channels: int = 1) -> list[int]:
    """How many frames of each channel get a turn in ten seconds of 500 frames/s."""
    taken = [0] * channels
    for number in range(5000):
        taken[number % channels] += pace.is_turn(number % channels)
        hours.pass_by(0.002, busy_with)
    return taken


def pace_of(hours: Hours, processors: int, channels: int = 1) -> LivePace:
    return LivePace(channels, lambda: hours.now, lambda: hours.used, processors)


def test_an_idle_computer_shows_as_many_as_a_viewer_can_paint() -> None:
    hours = Hours()
    (taken,) = turns(pace_of(hours, 2), hours, busy_with=0.2)
    assert 550 <= taken <= 600


def test_a_run_that_needs_the_processors_is_shown_ten_times_a_second_and_then_again_more() -> None:
    hours = Hours()
    pace = pace_of(hours, 2)
    assert 95 <= turns(pace, hours, busy_with=1.4)[0] <= 140
    assert pace.busy
    # one that only just has time again does not come and go
    turns(pace, hours, busy_with=0.4)
    assert pace.busy
    assert turns(pace, hours, busy_with=0.1)[0] >= 520


def test_the_same_run_has_processors_to_spare_on_a_large_computer() -> None:
    hours = Hours()
    assert turns(pace_of(hours, 16), hours, busy_with=1.4)[0] >= 550


def test_two_fields_that_alternate_as_often_as_there_are_turns_are_both_shown() -> None:
    hours = Hours()
    pace = pace_of(hours, 2)
    taken = [0, 0]
    for number in range(400):  # each field ten times a second, of a run that needs the processors
        taken[number % 2] += pace.is_turn(0)
        hours.pass_by(0.05, 1.9)
    assert min(taken) > 50


def test_each_channel_gets_its_share() -> None:
    hours = Hours()
    first, second, third = turns(pace_of(hours, 2, 3), hours, busy_with=1.9, channels=3)
    assert 30 <= first <= 45
    assert abs(first - second) <= 2
    assert abs(first - third) <= 2
