"""Say over the picture which plane it is, by name, and what is missing of it."""

from typing import Any

from parfocal.viewer._source import SourceFacts

_FONT_SIZE = 11


class PlaneOverlay:
    """The text at the top left of the canvas."""

    def __init__(self, viewer: Any, facts: SourceFacts) -> None:
        self._text = viewer.canvas.overlays.text
        self._text.font_size = _FONT_SIZE
        self._text.position = "top_left"
        self._text.box = True  # the picture may reach under it
        self._text.visible = True
        self._facts = facts

    @property
    def text(self) -> str:
        """What it says."""
        return str(self._text.text)

    def say(self, t: int, p: int, z: int, missing: list[str], note: str = "") -> None:
        """Show the names of this plane, the channels that it lacks, and how it is followed."""
        words = [self._field_name(p)]
        if self._facts.sizes.t > 1:
            words.append(f"t {t}{self._clock(t)}")
        if self._facts.sizes.z > 1:
            words.append(f"z {z}")
        lines = [" · ".join(words)]
        if missing:
            lines.append(f"not acquired: {', '.join(missing)}")
        if note:
            lines.append(note)
        text = "\n".join(lines)
        if text != self._text.text:
            self._text.text = text

    def _field_name(self, p: int) -> str:
        name = self._facts.fields[p].name
        return f"field {name}" if name.isdigit() else name

    def _clock(self, t: int) -> str:
        step = self._facts.time_step_s
        if not step:
            return ""
        if step < 1:
            return f" ({t * step:.2f} s)"
        seconds = round(t * step)
        return f" ({seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02})"
