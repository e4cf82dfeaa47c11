"""Ask the same question again and again, as a person types; only the newest answer counts."""

from functools import partial
from typing import Any

from PyQt6.QtCore import QObject

from parfocal.ui.tasks import Done, Failed, Task, Tasks, Work


class NewestAnswer:
    """Ask again and again, as a person types; hear only the answer to the last question."""

    def __init__(self, tasks: Tasks, owner: QObject, *, far: bool = False) -> None:
        self._queue = partial(tasks.quietly, far=far)
        self._owner = owner
        self._question = 0
        self._task: Task | None = None
        self._last: Task | None = None

    @property
    def working(self) -> bool:
        """Whether a thread is at a question still, wanted or not."""
        return self._last is not None and not self._last.status.state.final

    @property
    def took_s(self) -> float:
        """How long the last question took; 0 when there was none."""
        return 0.0 if self._last is None else self._last.status.took_s or 0.0

    def ask(self, name: str, work: Work, on_done: Done, on_failed: Failed | None = None) -> None:
        """Drop the question before and ask this one."""
        self.forget()
        question = self._question

        def done(result: Any) -> None:
            if question == self._question:
                on_done(result)

        def failed(sentence: str) -> None:
            if question == self._question and on_failed is not None:
                on_failed(sentence)

        self._task = self._last = self._queue(
            name, work, on_done=done, on_failed=failed, owner=self._owner
        )

    def forget(self) -> None:
        """Want no answer any more."""
        self._question += 1
        if self._task is not None:
            self._task.cancel()
            self._task = None
