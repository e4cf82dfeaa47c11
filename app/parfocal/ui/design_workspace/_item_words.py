"""Say what an item of the plan is in a few words, and read a duration that somebody typed."""

import re
from math import isfinite

from parfocal.plan import Hold, Item, Phase, Wait
from parfocal.ui.text import tr

__all__ = ["clock", "duration_from", "duration_in_words", "item_icon", "item_in_words"]

LONGEST_S = 9_999 * 3600.0
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}


def item_in_words(item: Item) -> str:
    """An item as the list names it: baseline, wait 5 min, hold: pipette the drug."""
    if isinstance(item, Wait):
        return tr("wait {time}").format(time=duration_in_words(item.seconds))
    if isinstance(item, Hold):
        message = " ".join(item.message.split())
        return tr("hold: {message}").format(message=message) if message else tr("hold")
    return item.name


def item_icon(item: Item) -> str:
    """The drawing for an item; a phase that gives light has another one."""
    if isinstance(item, Wait):
        return "timer-sand"
    if isinstance(item, Hold):
        return "hand-back-right-outline"
    return "lightbulb-on-outline" if item.stimulate is not None else "layers-triple-outline"


def text_to_edit(item: Item) -> str:
    """What stands in the list's row while it is edited there."""
    if isinstance(item, Wait):
        return clock(item.seconds)
    return item.message if isinstance(item, Hold) else item.name


def with_text(item: Item, text: str) -> Item | None:
    """The item after its row was edited; None when the text is nothing for it."""
    if isinstance(item, Wait):
        seconds = duration_from(text)
        return None if seconds is None else Wait(seconds=seconds)
    if isinstance(item, Hold):
        return Hold(message=text.strip())
    name = text.strip()
    return item.model_copy(update={"name": name}) if name else None


def duration_in_words(seconds: float) -> str:
    """All of a duration: 1 h 5 min, 90 min is 1 h 30 min, 2.5 s."""
    whole, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(whole), 60)
    parts = [tr("{n} h").format(n=hours)] if hours else []
    if minutes:
        parts.append(tr("{n} min").format(n=minutes))
    rest = round(rest, 3)
    if rest or not parts:
        parts.append(tr("{n} s").format(n=f"{rest:g}"))
    return " ".join(parts)


def clock(seconds: float) -> str:
    """A duration as hh:mm:ss, with a fraction where it has one."""
    thousandths = round(seconds * 1000)
    whole, fraction = divmod(thousandths, 1000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{text}.{fraction:03d}".rstrip("0") if fraction else text


def duration_from(text: str) -> float | None:
    """Seconds from 00:05:00, 5:00, 300, 5 min or 1 h 30 min; None from anything else."""
    text = text.strip().lower().replace(",", ".")
    try:
        if re.fullmatch(r"[\d.]+(:[\d.]+){0,2}", text):
            seconds = 0.0
            for part in text.split(":"):
                seconds = seconds * 60 + float(part)
        else:
            parts = re.findall(r"([\d.]+)\s*(h|m|s)[a-z]*", text)
            if not parts or re.sub(r"([\d.]+)\s*(h|m|s)[a-z]*", "", text).strip():
                return None
            seconds = sum(float(count) * UNITS[unit] for count, unit in parts)
    except ValueError:  # 1.2.3
        return None
    return round(seconds, 3) if isfinite(seconds) and seconds <= LONGEST_S else None


def new_item(kind: str, before: Phase) -> Item:
    """What the menu puts into the plan; a phase begins as a copy of one that is there."""
    if kind == "wait":
        return Wait(seconds=60)
    if kind == "hold":
        return Hold(message=tr("go on when you are ready"))
    fresh: dict[str, object] = {"name": tr("phase"), "metadata": {}, "view": (), "products": {}}
    fresh |= dict.fromkeys(("stimulate", "reference", "pipeline"))
    return before.model_copy(update=fresh)
