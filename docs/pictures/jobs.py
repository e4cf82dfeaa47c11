"""Take pictures of the Jobs workspace with a strip at each of its stages, on data just written.

A camera writes strips (tests/jobs/camera.py), real workers bring each as far as it is to be seen,
and the window shows the queue. Run without arguments it takes `jobs-light.png` and `jobs-dark.png`
and their twins at 200 %; `jobs.py dark 1 FOLDER` takes one of every stage into a folder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio import ENDINGS, HERE, SIZE, at_both_scales, large_screen, own_home, until

sys.path.insert(0, str(HERE.parents[1] / "tests" / "jobs"))

STAGES = (
    "settling",
    "archiving",
    "compressing",
    "verifying",
    "reported",
    "parked-corrupt",
    "asked",
    "wants-consent",
    "cleaned",
)


class Night:
    """A night at the rig: two cameras, some slices, and everything that may happen to a strip."""

    def __init__(self, home: Path, queue: Path) -> None:
        from rig import Rig

        from parfocal.jobs import Database

        self.database = Database(queue)
        self.wishes = {"strips_per_slice": 20, "stable_seconds": 0, "info_file": None}
        self.rig = Rig(home, self.database, **self.wishes)
        self.strips: dict[str, str] = {}
        self._held: list[Any] = []

    def strip(
        self, number: int, *kinds: str, camera: int = 1, name: str = "", **wishes: Any
    ) -> str:
        """A strip that went so far."""
        from camera import Camera

        self.rig.configure(**{**self.wishes, **wishes})
        ending = "" if camera == 1 else f"_C{camera}"
        folder = self.rig.raw / f"Run{number}{ending}"
        Camera(files=6, height=160, width=220, seed=number).write(folder)
        decision = self.rig.admit(folder)
        if kinds:
            self._do(decision.strip, kinds)
        if name:
            self.strips[name] = decision.strip
        return str(decision.strip)

    def _do(self, strip: str, kinds: tuple[str, ...]) -> None:
        from parfocal.jobs import Leases, job_of
        from parfocal.jobs._dask_executor import Executors
        from parfocal.jobs._pace import Pace
        from parfocal.jobs._perform import perform

        leases, left = Leases(self.database), set(kinds)
        while left:
            job = leases.claim("rig", {}, strip)
            if job is None:
                raise SystemExit(f"{strip} has nothing to do: {left}")
            perform(self.database, leases, job, Pace(), Executors())
            if job_of(self.database, job.id).state == "done":
                left.discard(job.kind)
            elif job_of(self.database, job.id).state == "parked":
                return

    def hold(self, strip: str, kind: str, fraction: float) -> None:
        """Leave one stage of it in the hands of a worker."""
        from parfocal.jobs import Leases

        leases, taken = Leases(self.database), None
        while taken is None or taken.kind != kind:
            if taken is not None:
                self._held.append(taken)
            taken = leases.claim("rig-2231", {}, strip)
            if taken is None:
                raise SystemExit(f"{strip}: {kind} cannot be claimed")
        for other in self._held:
            leases.put_off(other, 0, {})
        self._held.clear()
        leases.renew(taken, fraction)
        with self.database.change() as sql:
            sql.execute("UPDATE job SET changed = changed - 40 WHERE id = ?", (taken.id,))

    def spend(self) -> None:
        """All of it."""
        everything = ("report",)
        for number in range(20):
            self.strip(number, *everything)
        for number in range(20):
            self.strip(number, *everything, camera=2)
        for number in range(20, 26):
            self.strip(
                number, "cleanup", cleanup="delete", delete_consent="delete brain",
                name="cleaned",
            )  # fmt: skip
        self.strip(26, *everything, name="reported")
        self.strip(20, *everything, camera=2)
        self.damaged()
        self.strip(22, "inspect", camera=2)
        self.strip(23, camera=2)
        self.hold(self.strip(27, "inspect", name="archiving"), "archive", 0.35)
        self.hold(self.strip(28, "archive", name="compressing"), "compress", 0.62)
        self.hold(self.strip(29, "compress", name="verifying"), "verify_store", 0.4)
        self.settling()
        self.strip(31, "cleanup", cleanup="delete", name="wants-consent")
        self.asked()

    def damaged(self) -> None:
        """A backup in which a bit flipped before it was looked at."""
        strip = self.strip(21, "archive", camera=2, name="parked-corrupt")
        from parfocal.jobs import list_jobs

        copy = next((self.rig.root / "backup" / strip).glob("*spool.dat"))
        raw = bytearray(copy.read_bytes())
        raw[100] ^= 1
        copy.write_bytes(raw)
        self._do(strip, ("verify_archive",))
        assert any(job.trouble == "corrupt" for job in list_jobs(self.database))

    def settling(self) -> None:
        """One that the camera writes at this moment."""
        strip = self.strip(30, name="settling", stable_seconds=300)
        from parfocal.jobs import Leases
        from parfocal.jobs._dask_executor import Executors
        from parfocal.jobs._pace import Pace
        from parfocal.jobs._perform import perform

        leases = Leases(self.database)
        job = leases.claim("rig", {}, strip)
        assert job is not None
        perform(self.database, leases, job, Pace(), Executors())

    def asked(self) -> None:
        """Another session writes under a name that is known."""
        from camera import Camera

        from parfocal.jobs import Watcher

        other = self.rig.root / "scan-2"
        Camera(files=6, height=160, width=220, seed=99).write(other / "Run26")
        self.strips["asked"] = "brain/slice-001/camera-01/strip-006"
        self.rig.configure(**self.wishes, watch=[str(other)])
        Watcher(self.database, self.rig.config).look()


def shoot_questions(jobs: Any, folder: Path, theme: str) -> None:
    """What is asked: about the same name, about a clean-up that deletes, about what is forced."""
    from PyQt6.QtTest import QTest

    deeds = jobs.deeds
    for name, strip, ask in (
        ("conflict", "strip-006", deeds.answer),
        ("consent", "strip-011", deeds.retry),
        ("force", "strip-011", deeds.force),
    ):
        jobs.show_strip(f"brain/slice-001/camera-01/{strip}")
        until(lambda: deeds.story is not None)
        ask()
        until(lambda: deeds.question is not None)
        QTest.qWait(300)
        deeds.question.grab().save(str(folder / f"jobs-ask-{name}-{theme}.png"))
        deeds.question.reject()
        QTest.qWait(100)


def take(theme: str, ending: str, folder: Path, *, every: bool) -> None:
    """Open the window on such a night in a home of its own."""
    with own_home() as home:
        from PyQt6.QtTest import QTest

        from parfocal.ui import MainWindow, application
        from parfocal.ui.desk import Desk
        from parfocal.ui.settings import Settings

        app = application()  # kept: without a name Python would take it away again
        settings = Settings(home / "settings.json")
        settings.change(data_folder=home, theme=theme, workspace="jobs")
        desk = Desk(settings)
        desk.queue.works = False  # what is held is to stay as it is
        rig = home / "rig"
        rig.mkdir()
        night = Night(rig, desk.queue.path)
        night.spend()
        window = MainWindow(desk, prepare=())
        window.resize(*SIZE)
        window.move(0, 0)
        window.show()
        until(lambda: window.populated and desk.queue.last is not None)
        jobs: Any = window.show_workspace("jobs")
        QTest.qWait(1500)
        for card in tuple(window.toast_stack.cards):
            card.closed.emit()  # they would lie over the queue

        def shoot(stage: str, file: Path, prepare: Callable[[], object] = lambda: None) -> None:
            assert jobs.show_strip(night.strips[stage]), stage
            until(lambda: jobs.deeds.story is not None)
            prepare()
            QTest.qWait(600)
            window.grab().save(str(file))

        shoot("compressing", folder / f"jobs-{theme}{ending}.png")
        for number, stage in enumerate(STAGES if every else ()):
            tab = {"reported": 2, "cleaned": 1}.get(stage, 0)
            shoot(
                stage,
                folder / f"jobs-{number}-{stage}-{theme}.png",
                lambda tab=tab: jobs.strips.details.tabs.setCurrentIndex(tab),  # type: ignore[misc]
            )
        if every:
            shoot_questions(jobs, folder, theme)
        window.leave()
        night.database.close()
        app.processEvents()


def take_all(folder: Path) -> None:
    """In both themes and at both scales."""
    with large_screen():
        at_both_scales(__file__, lambda theme, scale: [theme, str(scale), str(folder)])


if __name__ == "__main__":
    if len(sys.argv) == 4:
        chosen = Path(sys.argv[3])
        take(sys.argv[1], ENDINGS[int(sys.argv[2])], chosen, every=chosen != HERE)
    else:
        take_all(HERE)
