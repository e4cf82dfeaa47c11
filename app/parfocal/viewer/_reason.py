"""Find, in what a child wrote to stderr, the one line that says why it ended."""

import re
import signal

_OURS = "parfocal: "
_FATAL = "Fatal Python error: "
_TRACEBACK = "Traceback (most recent call last):"
_QT_FAILS = re.compile(r"Qt platform plugin|Qt xcb platform|could not connect to display")
_SPEAKER = re.compile(r"^(WARNING: )?(qt\.[\w.]+: )?")
_ABORTED = "Aborted"
_LONGEST = 300


def explain_exit(code: int | None, log: str) -> str:
    """Say in a sentence why a child ended; empty when it ended as it should.

    `code` is None for a process that was not ours to wait for.
    """
    if code == 0:
        return ""
    said = reason_in(log)
    if code is None:
        how = "the viewer ended and did not say that it would"
    elif code < 0:
        how = f"the viewer was ended by signal {_signal_name(-code)}"
    else:
        how = f"the viewer failed with code {code}"
    if said:
        return f"the viewer failed: {said}" if code is not None and code > 0 else f"{how}: {said}"
    return how


def reason_in(log: str) -> str:
    """The telling line: our own sentence, a crash, the last exception, or else the last line."""
    lines = log.splitlines()
    crash = next((n for n, line in enumerate(lines) if line.startswith(_FATAL)), None)
    if crash is not None:
        # What follows are the stacks and a list of modules.
        fatal, lines = lines[crash].removeprefix(_FATAL), lines[:crash]
        before = _library(lines) or (_exception(lines) if fatal == _ABORTED else "")
        return _short(f"{fatal} ({before})" if before else fatal)
    ours = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
    if ours:
        return _short(ours[-1])
    spoken = [line.strip() for line in lines if line.strip()]
    return _short(_exception(lines) or _library(lines) or (spoken[-1] if spoken else ""))


def _exception(lines: list[str]) -> str:
    """The line that ends the last traceback: the exception and its message."""
    starts = [n for n, line in enumerate(lines) if line.endswith(_TRACEBACK)]
    for line in lines[starts[-1] + 1 :] if starts else ():
        if line.strip() and not line.startswith((" ", "\t")):
            return line.strip()
    return ""


def _library(lines: list[str]) -> str:
    """Qt's own word when it finds no display or cannot load what it draws with: the first one."""
    line = next((line.strip() for line in lines if _QT_FAILS.search(line)), "")
    return _SPEAKER.sub("", line)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _signal_name(number: int) -> str:
    try:
        return f"{number} ({signal.Signals(number).name})"
    except ValueError:
        return str(number)
