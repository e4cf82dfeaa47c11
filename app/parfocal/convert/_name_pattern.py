"""Read what a file's name says of it: well, field, channel, z and t."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parfocal.convert._errors import ConvertError

__all__ = ["PRESETS", "NamePattern", "chosen_pattern"]

PARTS = ("well", "row", "col", "field", "channel", "z", "t")
WELL = r"(?P<well>[A-P]\d{2})"
PRESETS: Mapping[str, str] = {
    # A01_s1_w2.TIF, its timepoints and planes in folders
    "metaxpress": (
        r"(?:.*?/)??(?:TimePoint_(?P<t>\d+)/)?(?:ZStep_(?P<z>\d+)/)?(?:[^/]*_)?"
        rf"{WELL}_s(?P<field>\d+)(?:_w(?P<channel>\d))?[0-9A-Fa-f-]*\.tiff?"
    ),
    # r01c01f01p01-ch1sk1fk1fl1.tiff
    "opera": (
        r"(?:.*/)?r(?P<row>\d+)c(?P<col>\d+)f(?P<field>\d+)p(?P<z>\d+)-ch(?P<channel>\d+)"
        r"sk(?P<t>\d+)fk\d+fl\d+\.tiff?"
    ),
    # run_B02_f00_d0.tif, run_B02f00d0.TIF
    "arrayscan": rf"(?:.*/)?[^/]*_{WELL}_?f(?P<field>\d+)_?d(?P<channel>\d+)\.tiff?",
    # plate_B03_T0001F002L01A01Z03C04.tif
    "cellvoyager": (
        rf"(?:.*/)?[^/]*_{WELL}_T(?P<t>\d+)F(?P<field>\d+)L\d+A\d+Z(?P<z>\d+)C(?P<channel>\d+)\.tiff?"
    ),
    # A - 1(fld 1 wv DAPI - DAPI z 2 time 3).tif
    "incell": (
        r"(?:.*/)?(?P<row>[A-P]) - (?P<col>\d+)\(fld (?P<field>\d+) wv (?P<channel>[^)]*?)"
        r"(?: z (?P<z>\d+))?(?: time (?P<t>\d+)[^)]*)?\)\.tiff?"
    ),
    # img_channel000_position000_time000000000_z000.tif
    "micromanager": (
        r"(?:.*/)?img_channel(?P<channel>\d+)_position(?P<field>\d+)_time(?P<t>\d+)_z(?P<z>\d+)\.tiff?"
    ),
}


@dataclass(frozen=True, slots=True)
class NamePattern:
    """What is looked for in the path of a file, from the folder that was chosen."""

    name: str
    expression: "re.Pattern[str]"

    def read(self, path: str) -> Mapping[str, str] | None:
        """What each part is called; None for a file of another name."""
        found = self.expression.fullmatch(path)
        if found is None:
            return None
        return {part: text for part, text in found.groupdict().items() if text is not None}


def chosen_pattern(wished: str | None, paths: Sequence[str]) -> NamePattern:
    """The pattern that a person says (a preset, or one of their own), else the preset that fits.

    One's own is `{well}_s{field}_w{channel}.tif` with `*` for anything, or a regular expression
    with groups of these names.
    """
    if wished is not None:
        return _wished(wished)
    fits = {
        name: sum(pattern.read(path) is not None for path in paths)
        for name, pattern in ((name, _compiled(name, text)) for name, text in PRESETS.items())
    }
    best = max(fits.values())
    names = [name for name, count in fits.items() if count == best]
    if best * 2 < len(paths) or best == 0 or len(names) > 1:
        raise ConvertError(
            f"the names of these files, as {paths[0]}, do not say what is what; say it with "
            "--pattern, as '{well}_s{field}_w{channel}.tif', or name one file"
        )
    return _compiled(names[0], PRESETS[names[0]])


def _wished(wished: str) -> NamePattern:
    if wished in PRESETS:
        return _compiled(wished, PRESETS[wished])
    if "(?P<" in wished:
        return _compiled("a pattern", wished)
    if "{" not in wished:
        known = ", ".join(PRESETS)
        raise ConvertError(f"there is no pattern {wished!r}; there are {known}, or one of your own")
    pieces = []
    for piece in re.split(r"(\{\w+\}|\*)", wished):
        if piece == "*":
            pieces.append(".*?")
        elif piece.startswith("{"):
            part = piece[1:-1]
            shape = r"[A-Za-z]{1,2}[-_ ]?\d{1,3}" if part == "well" else "[^/]+?"
            shape = r"\d+" if part in ("z", "t", "col") else shape
            pieces.append(f"(?P<{part}>{shape})")
        else:
            pieces.append(re.escape(piece))
    return _compiled("a pattern", "".join(pieces))


def _compiled(name: str, text: str) -> NamePattern:
    try:
        expression = re.compile(text, re.IGNORECASE)
    except re.error as problem:
        raise ConvertError(f"the pattern {text!r} cannot be understood: {problem}") from problem
    unknown = sorted(set(expression.groupindex) - set(PARTS))
    if unknown or not expression.groupindex:
        what = ", ".join(unknown) or "nothing"
        raise ConvertError(f"the pattern {text!r} names {what}; known are {', '.join(PARTS)}")
    return NamePattern(name, expression)
