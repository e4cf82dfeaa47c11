"""Turn what MMCore says of a configuration that does not load into a line, a fault and a remedy."""

import ctypes
import re
from pathlib import Path

from pymmcore_plus import CMMCorePlus

__all__ = ["advice", "causes", "explain", "line_of"]

PORT = re.compile(
    r"(?i)\b(COM\d+|/dev/tty\S+|serial port|port)\b.*(open|busy|in use|denied|access)"
    r"|(open|busy|in use|denied|access).*\b(COM\d+|/dev/tty\S+|serial port)\b"
)
DEVICE = re.compile(r"Device name '(.+?)' not in devices provided by .+?: \((.*?)\)")
MOST_NAMES = 8
LIBRARY = re.compile(r"Failed to load device adapter .* from \"(.+?)\"")


def causes(error: BaseException) -> list[BaseException]:
    """The error and everything that it came of, the first cause last."""
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return chain


def explain(error: BaseException, core: CMMCorePlus, path: Path, folder: Path) -> str:
    """Which line, which device, and what a person at the microscope can do."""
    said = str(error)
    found = re.search(r"at line (\d+): '(.*)'", said)
    where = f"{path}, line {found[1]} ({found[2]})," if found else f"{path}"
    deepest = str(causes(error)[-1]).strip().splitlines() or [""]
    reason = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    reason = deepest[-1] if len(deepest[-1]) > len(reason) else reason
    return f"{where} failed: {advice(said, reason, core, folder)}"


def line_of(device: str, path: Path) -> int | None:
    """The line of a configuration that loads a device; None where there is none."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        words = [word.strip() for word in re.sub(r"^#\s*py\s+", "", line).split(",")]
        if words[0] in ("Device", "pyDevice") and words[1:2] == [device]:
            return number
    return None


def advice(said: str, reason: str, core: CMMCorePlus, folder: Path) -> str:
    """What a person at the microscope can do about it."""
    reason = reason.strip().rstrip(".")
    if "not in list of known adapter names" in said or "is not a known Micro-manager" in said:
        return (
            f"there is no such device adapter in {folder}. Install the Micro-Manager that has it, "
            "or name its folder as `adapters` in the profile."
        )
    if library := LIBRARY.search(said):
        return about_library(Path(library[1]), core)
    if "not in devices provided by" in said:
        found = DEVICE.search(said)
        which = f" {found[1]!r}; it has {some_of(found[2])}" if found else f" ({reason})"
        return f"the adapter has no such device{which}. Correct its name in that line."
    if PORT.search(said):
        return (
            f"the serial port could not be opened ({reason}). Close other programs that use it, "
            "look at its cable and number, and open the microscope again."
        )
    return f"{reason}. Correct that line, or look at the device: is it on and connected?"


def some_of(listed: str) -> str:
    """The first of a tuple's names as MMCore's wrapper writes it: whole lists fill the screen."""
    names = [name.strip(" '") for name in listed.split(",")]
    return ", ".join(names[:MOST_NAMES]) + (" and others" if len(names) > MOST_NAMES else "")


def about_library(path: Path, core: CMMCorePlus) -> str:
    """Why an adapter was not taken. MMCore says only that it was not, so it is asked itself."""
    try:
        adapter = ctypes.CDLL(str(path))
        has = adapter.GetDeviceInterfaceVersion(), adapter.GetModuleVersion()
    except (OSError, AttributeError) as error:
        return (
            f"the device adapter {path} could not be loaded ({error}). It often needs the maker's "
            "driver: install that, in the 64-bit version."
        )
    wants = core.getAPIVersionInfo()
    device = re.search(r"Device API version (\d+)", wants)
    return (
        f"the device adapter {path} was built for Device API version {has[0]}, Module API version "
        f"{has[1]}, and this program's MMCore takes {wants}. Install the Micro-Manager with device "
        f"API {device[1] if device else wants} (`mmcore install` finds it), or name its folder as "
        "`adapters` in the profile."
    )
