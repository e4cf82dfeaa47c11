"""Write down inside the store what happened in a run, one line each, without ever waiting."""

import json
import queue
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["EVENT_LOG", "EventLog"]

EVENT_LOG = "parfocal/run/events.jsonl"


class EventLog:
    """Takes notes from any thread; another one writes them, since a disk may stall."""

    def __init__(self) -> None:
        self._notes: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def note(self, event: str, **facts: Any) -> None:
        """Something happened now."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._notes.put({"at": at, "event": event, **facts})

    def write(self, store: Path) -> None:
        """Append the notes so far to the store's log; a disk that refuses them loses them."""
        lines: list[str] = []
        with suppress(queue.Empty):
            while True:
                note = self._notes.get_nowait()
                lines.append(json.dumps(note, ensure_ascii=False, default=str) + "\n")
        path = store / EVENT_LOG
        # only into a store that is there: one that was moved away is not begun anew
        if lines and path.parent.is_dir():
            with suppress(OSError), path.open("a", encoding="utf-8") as log:
                log.writelines(lines)
