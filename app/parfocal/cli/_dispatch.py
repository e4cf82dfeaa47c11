"""Find the verb, parse its arguments, run it, and turn its outcome into output and exit code."""

import argparse
import contextlib
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol, cast

import parfocal
from parfocal import ParfocalError
from parfocal.cli._older_names import add_older_names, words_of_verb


@dataclass(frozen=True)
class Outcome:
    """What a verb has to say: `value` for `--json`, `text` for a person, `ok` for the exit code."""

    value: Any
    text: str = ""
    ok: bool = True


class Verb(Protocol):
    """The shape of a module in `parfocal.cli.verbs`."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> Outcome: ...


# A table and not a folder scan: a frozen build has no folder, and the modules stay unimported
# (napari, Qt and MMCore cost seconds) until their verb is called.
VERBS: dict[str, str] = {
    "acquire": "run a plan without a window",
    "bench": "the benchmarks, paired runs in one call, medians",
    "check": "strict validation of a store",
    "demo": "the main job, end to end, on the built-in microscope",
    "doctor": "what is installed and works, and what to do about the rest",
    "export": "a store, or the largest along an axis, as one OME-TIFF or store",
    "gui": "the window (also with no verb at all)",
    "info": "what a store holds",
    "ingest": "a store of foreign files, verified",
    "jobs": "the queue: list, show, retry, cancel, pause, resume",
    "keygen": "a pair of keys, for a rig and for the workstation that watches it",
    "migrate": "a store of an older or foreign Zarr store, verified",
    "plan": "a plan's compiled schedule and its estimate",
    "pyramid": "the coarser levels of a store",
    "react": "analyses a store again, into a new result",
    "recover": "repairs the store of a recording that was killed",
    "rollback": "the store that a conversion replaced, back in its place",
    "selftest": "everything once, from the camera to napari's preferences",
    "serve-viewer": "lets a workstation with the right key watch this rig",
    "state": "how all strips stand, or one forgotten",
    "strip": "one strip through its chain",
    "view": "napari on a store, or on a rig far away",
    "watch": "a scan's folders, every strip through its chain",
    "worker": "works the queue off",
}

_log = logging.getLogger(__name__)


def run_verb(arguments: Sequence[str]) -> int:
    """Run one verb; 0 done, 1 refused or failed with a sentence, 2 usage."""
    words = list(arguments) or ["gui"]
    if words[0].startswith("-"):
        # --help, --version and usage errors exit by themselves
        words = words_of_verb(_top_parser(), words)
    if words[0] not in VERBS:
        print_error(f"there is no verb {words[0]!r}; `parfocal --help` lists them")
        return 2
    verb_name = words[0]
    verb = _load(verb_name)
    verb_parser = argparse.ArgumentParser(
        prog=f"parfocal {verb_name}", description=VERBS[verb_name], allow_abbrev=False
    )
    verb_parser.add_argument(
        "--json", action="store_true", help="print exactly one JSON value; logs go to stderr"
    )
    verb_parser.add_argument("-v", "--verbose", action="store_true", help="log what happens")
    verb.add_arguments(verb_parser)
    parsed = verb_parser.parse_args(words[1:])
    # On the handler: pymmcore-plus sets the root logger to DEBUG when it is imported.
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setLevel(logging.INFO if parsed.verbose else logging.WARNING)
    logging.basicConfig(
        level=to_stderr.level,
        handlers=[to_stderr],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    return _report(lambda: verb.run(parsed), as_json=parsed.json)


def print_error(sentence: str) -> None:
    """Say one sentence on stderr."""
    if sys.stderr is None:  # a windowed program has none, nor has `2>&-`
        return
    with contextlib.suppress(OSError):  # its terminal was closed
        sys.stderr.write(f"parfocal: {sentence}\n")
        sys.stderr.flush()


def _report(run: Callable[[], Outcome], *, as_json: bool) -> int:
    try:
        outcome = run()
    except ParfocalError as refusal:
        print_error(_one_line(refusal))
        return 1
    except (OSError, MemoryError) as failure:  # the disk's and the system's own refusals
        _log.info("%s", failure, exc_info=True)
        print_error(_one_line(failure))
        return 1
    try:
        _write(_as_json(outcome.value) if as_json else outcome.text.rstrip())
    except OSError as failure:
        print_error(f"the result cannot be printed: {failure.strerror}")
        return 1
    return 0 if outcome.ok else 1


def _one_line(failure: Exception) -> str:
    if isinstance(failure, OSError) and failure.filename is not None and failure.strerror:
        return f"{failure.filename}: {failure.strerror}"
    return " ".join(str(failure).split()) or type(failure).__name__


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:  # JSON has no NaN; a damaged store may hold one
        return json.dumps(_without_nan(value), ensure_ascii=False, allow_nan=False)


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    return value


def _write(text: str) -> None:
    """Print on stdout, which may have lost its reader (`parfocal info STORE | head -1`)."""
    if not text or sys.stdout is None:
        return
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as failure:
        # or Python tries once more at its exit, complains and returns 120
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(failure, BrokenPipeError):
            raise


def _load(name: str) -> Verb:
    return cast(Verb, importlib.import_module(f"parfocal.cli.verbs.{name.replace('-', '_')}"))


def _top_parser() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<12} {summary}" for name, summary in sorted(VERBS.items()))
    parser = argparse.ArgumentParser(
        prog="parfocal",
        usage="parfocal [VERB] [ARGUMENTS]",
        description=f"With no verb the window opens.\n\nverbs:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_older_names(parser)
    parser.add_argument("--version", action="version", version=f"parfocal {parfocal.__version__}")
    return parser
