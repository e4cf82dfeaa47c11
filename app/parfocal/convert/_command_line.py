"""Say a conversion as the command that does the same."""

import shlex
import shutil
import subprocess
import sys

from parfocal.convert._batch import BatchItem
from parfocal.convert._corrected import LEAVE_OUT, POSITIONS

__all__ = ["command_of"]

PLAIN = {"array": "--array", "axes": "--axes", "stage_axes": "--stage-axis-map"}
FLAGS = ("accept_partial", "pattern", "planes", "data_folder")


def command_of(item: BatchItem) -> str:
    """One line that can be pasted into a terminal of this computer."""
    wishes = item.wishes
    words = [*_program(), item.action, str(item.source), "-o", str(item.destination)]
    words += [
        f"{flag}={value}"
        for name, flag in PLAIN.items()
        if (value := getattr(wishes, name)) is not None
    ]
    if wishes.voxel_um is not None:
        words.append(f"--voxel-size={_numbers(wishes.voxel_um)}")
    for name in FLAGS:
        value = wishes.options.get(name)
        flag = "--" + name.replace("_", "-")
        if value:
            words.append(flag if value is True else f"{flag}={value}")
    words += [f"--leave-out={field}" for field in wishes.options.get(LEAVE_OUT, ())]
    words += [
        f"--position={field}={_numbers(place)}"
        for field, place in wishes.options.get(POSITIONS, {}).items()
    ]
    if item.overwrite:
        words.append("--overwrite")
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _program() -> list[str]:
    """How this program is called in a terminal."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    if shutil.which("parfocal"):
        return ["parfocal"]
    return [sys.executable, "-m", "parfocal"]


def _numbers(values: tuple[float, float, float]) -> str:
    return ",".join(repr(float(value)) for value in values)
