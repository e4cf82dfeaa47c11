"""Write the values of a table's column as a person reads them, and as another program does."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from PyQt6.QtCore import QDateTime, QLocale

from parfocal.ui.store_workspace._sheet import Cell
from parfocal.ui.text import figure, tr

RECEIVED = "received"  # the one moment that a store writes as seconds since 1970
THEN, LATEST = 6e8, 4.2e9  # 1989 to 2103: what lies outside is no moment of a microscope's
UNITS_S = {"_s": 1.0, "_ms": 1e-3}  # how a column's name ends that holds a length of time
RATE = re.compile(r"_(per|um|nm|mm|px|pixels|deg)_m?s")  # a speed is none
MINUTE = re.compile(r"(\W)mm")


def cells(name: str, values: Sequence[Any]) -> list[Cell]:
    """A column's cells. Moments are local times, and ISO 8601 when they are copied; lengths of
    time have their unit, and are copied as the figure that is stored."""
    moments = [_moment(name, value) for value in values]
    there = [moment for moment in moments if moment is not None]
    if there and len(there) == sum(value is not None for value in values):
        exact = any(moment.microsecond for moment in there)
        return [Cell("") if one is None else _moment_cell(one, exact=exact) for one in moments]
    units = (unit for end, unit in UNITS_S.items() if name.endswith(end))
    unit_s = None if RATE.search(name) else next(units, None)
    write = _plain if unit_s is None else _in_units(unit_s)
    return [write(value) for value in values]


def moment_words(moment: datetime, *, exact: bool) -> str:
    """A moment by this computer's clock and language, to the second or to the millisecond."""
    locale = QLocale()
    date = locale.dateFormat(QLocale.FormatType.ShortFormat)
    if locale.language() == QLocale.Language.C:
        date = "yyyy-MM-dd"  # Qt's own has no marks between
    elif "yyyy" not in date:
        date = date.replace("yy", "yyyy")  # 03/04/05 may be six days
    time = locale.timeFormat(QLocale.FormatType.ShortFormat)
    if "s" not in time:
        time = MINUTE.sub(r"\1mm\1ss", time)
    if exact:
        time = time.replace("ss", f"ss'{locale.decimalPoint()}'zzz")
    local = QDateTime.fromMSecsSinceEpoch(round(moment.timestamp() * 1000))
    return locale.toString(local, f"{date} {time}")


def duration_words(seconds: float) -> str:
    """A length of time in the units that fit it: 12.5 ms, 3.2 s, 1 h 02 min 03.5 s."""
    if abs(seconds) < 1:
        return tr("{n} ms").format(n=figure(seconds * 1000, 4))
    if abs(seconds) < 60:
        return tr("{n} s").format(n=figure(round(seconds, 3)))
    sign = "−" if seconds < 0 else ""
    minutes, rest = divmod(round(abs(seconds), 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    words = tr("{m} min {s} s") if not hours else tr("{h} h {m:02d} min {s} s")
    return sign + words.format(h=hours, m=minutes, s=figure(round(rest, 3)))


def _moment(name: str, value: Any) -> datetime | None:
    """By this computer's clock, which does not reach all of them: some programs have the year 1
    where they know none."""
    try:
        moment = _as_moment(name, value)
        return None if moment is None else moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _as_moment(name: str, value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str) and "T" in value:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else None  # nobody knows of which clock it is
    if isinstance(value, float) and name == RECEIVED and THEN < value < LATEST:
        return datetime.fromtimestamp(value, UTC)
    return None


def _moment_cell(moment: datetime, *, exact: bool) -> Cell:
    return Cell(moment_words(moment, exact=exact), moment.isoformat())


def _in_units(unit_s: float) -> Callable[[Any], Cell]:
    def write(value: Any) -> Cell:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _plain(value)
        if not abs(value) < float("inf"):
            return _plain(value)
        return Cell(duration_words(value * unit_s), repr(value))

    return write


def _plain(value: Any) -> Cell:
    if value is None:
        return Cell("")
    if not isinstance(value, float):
        return Cell(str(value))
    return Cell(f"{value:.3f}" if abs(value) >= 1e6 else f"{value:.6g}")
