"""Words that a person reads: `tr` translates them, `number` writes figures the local way."""

from PyQt6.QtCore import QCoreApplication, QLocale


def tr(text: str) -> str:
    """Translate a sentence; put figures in afterwards: `tr("{n} frames").format(n=…)`."""
    return QCoreApplication.translate("Parfocal", text)


def number(value: float, decimals: int = 0) -> str:
    """Write a figure with the group and decimal marks of this computer's language."""
    return QLocale().toString(float(value), "f", decimals)


def figure(value: float, digits: int = 6) -> str:
    """Write a figure as short as it is, with this computer's decimal mark: 2, 0.5."""
    return QLocale().toString(float(value), "g", digits)


def size_in_words(count: float) -> str:
    """Write a number of bytes as a person reads it: 61 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{number(count, 0 if count >= 10 or unit == 'bytes' else 1)} {unit}"
        count /= 1000
    return f"{number(count, 0 if count >= 10 else 1)} TB"


def time_in_words(seconds: float) -> str:
    """Write a duration in its two largest units: 3 h 40 min."""
    whole = round(seconds)
    if whole < 60:
        return tr("{n} s").format(n=whole)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return tr("{m} min {s} s").format(m=minutes, s=rest)
    hours, rest = divmod(whole // 60, 60)
    if hours < 48:
        return tr("{h} h {m:02d} min").format(h=hours, m=rest)
    return tr("{n} days").format(n=number(hours / 24))
