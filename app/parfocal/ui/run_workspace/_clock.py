"""Write seconds as a clock does."""

__all__ = ["clock"]


def clock(seconds: float) -> str:
    """hh:mm:ss of the whole seconds, never negative."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}"
