"""Have work on files done by whoever has time: three verbs, whoever it is.

The queue's own process claims, waits and commits under its lease; whoever does the work gets JSON
and answers in JSON, and knows of no queue.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from parfocal import ParfocalError
from parfocal.jobs._errors import (
    Corrupt,
    DiskFull,
    JobError,
    NeedsPerson,
    Transient,
    disk_is_full,
)
from parfocal.jobs._file_work import do_file_work
from parfocal.jobs._gently import keep_to
from parfocal.jobs._pace import Pace

__all__ = ["Executor", "Here", "Seen", "Task", "answer_of", "refuse_failed"]

CLASSES: Mapping[str, type[JobError]] = {
    "full": DiskFull,
    "corrupt": Corrupt,
    "person": NeedsPerson,
    "transient": Transient,
    # nobody here wanted it to end: who did it far away was left alone for too long
    "left": Transient,
    "refused": JobError,
}


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work. The same key is the same piece: begun twice, it is done once."""

    key: str
    kind: str
    told: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As it goes to another computer."""
        return {"key": self.key, "kind": self.kind, "told": dict(self.told)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Task":
        """As it comes there."""
        return cls(told["key"], told["kind"], told["told"])


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a piece of work is; the answer is there when it is over."""

    fraction: float
    answer: Mapping[str, Any] | None = None


class Executor(Protocol):
    """Whoever does it. What cannot be reached is Transient."""

    def submit(self, task: Task) -> str:
        """Have it begun; what it is called from now on."""

    def poll(self, handle: str, *, hold: bool) -> Seen:
        """How far it is; with `hold` it stands still until it is polled without."""

    def cancel(self, handle: str) -> None:
        """End it soon; what is done stays for whoever goes on."""


class Here:
    """A thread of this process; it keeps the pace of the job itself."""

    def __init__(self, pace: Pace, cpus: Sequence[int] | None = None) -> None:
        self._pace = pace
        self._cpus = cpus
        self._begun: dict[str, tuple[Pace, Future[dict[str, Any]], ThreadPoolExecutor]] = {}

    def submit(self, task: Task) -> str:
        if task.key not in self._begun:
            part = self._pace.part()
            pool = ThreadPoolExecutor(1, "parfocal file work", keep_to, (self._cpus,))
            self._begun[task.key] = part, pool.submit(answer_of, task, part), pool
        return task.key

    def poll(self, handle: str, *, hold: bool) -> Seen:
        del hold  # its pace is that of the job
        part, future, _ = self._begun[handle]
        if not future.done():
            return Seen(part.fraction)
        self.cancel(handle)
        return Seen(1.0, future.result())

    def cancel(self, handle: str) -> None:
        """Wait for its end, too: nothing writes any more when this returns."""
        _, _, pool = self._begun.pop(handle)
        pool.shutdown()


def answer_of(task: Task, pace: Pace) -> dict[str, Any]:
    """Do it, wherever this is; also what went wrong is an answer."""
    try:
        return {"done": do_file_work(task.kind, task.told, pace)}
    except (OSError, ParfocalError) as problem:
        return {"failed": _failure(problem, stopped=pace.stop)}


def refuse_failed(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was done; raises what went wrong, as if it had gone wrong here. Whether it was asked to
    end the job's own pace says, and before this."""
    failed = answer.get("failed")
    if failed is None:
        done: Mapping[str, Any] = answer["done"]
        return done
    problem = CLASSES[failed["class"]](failed["words"])
    if failed["errno"] is not None:
        raise problem from OSError(failed["errno"], failed["words"])
    raise problem


def _failure(problem: Exception, *, stopped: bool) -> dict[str, Any]:
    words = str(problem).partition("\n")[0] or type(problem).__name__
    if isinstance(problem, OSError) and problem.filename is not None and problem.strerror:
        words = f"{problem.filename}: {problem.strerror}"
    if stopped:
        name = "left"
    elif disk_is_full(problem):
        name = "full"
    else:
        # Corrupt is a NeedsPerson too, and stands before it
        name = next(name for name, one in CLASSES.items() if _is(problem, one))
    seen: BaseException | None = problem
    while seen is not None and not (isinstance(seen, OSError) and seen.errno):
        seen = seen.__cause__
    return {"class": name, "words": words, "errno": seen.errno if seen is not None else None}


def _is(problem: Exception, kind: type[JobError]) -> bool:
    return isinstance(problem, kind) or kind is JobError
