"""Measure how long the window stands still: in a run at full speed, and in the wizard."""

from statistics import median

from parfocal.cli.bench._pairs import Row
from parfocal.viewer import virtual_display

__all__ = ["rows"]

FRAMES = 2000
MOST_MS = 100.0

NOTE = (
    "{frames} frames of the demo at full speed, the Run workspace and every panel of it in sight; "
    "the worst of {beats} beats of a timer in the loop, looked at by a thread beside it, beside "
    "the {most:.0f} ms that our own code may take. p99.9 {p999:.0f} ms; {stalls} stalls over "
    "{most:.0f} ms, {ours} of them with our code on the main thread's stack, in which it was at "
    "work for {work:.0f} ms at most; {rate:.0f} frames/s. "
    "Medians of {runs} runs, the stalls of all of them"
)

WIZARD_NOTE = (
    "a stack of 336 MB and an array of 600 fields through every page of the wizard, brought in by "
    "a worker beside the window in {seconds:.0f} s; the worst of {beats} beats beside {most:.0f} "
    "ms. p99.9 {p999:.0f} ms; {stalls} stalls over {most:.0f} ms, {ours} of them with our code on "
    "the main thread's stack, in which it was at work for {work:.0f} ms at most. Medians of {runs} "
    "runs, the stalls of all of them"
)


def rows(runs: int) -> list[Row]:
    """One row of a run, one of the wizard."""
    return [_run_row(runs), _wizard_row(runs)]


def _wizard_row(runs: int) -> Row:
    with virtual_display():
        from parfocal.ui.wizard_stalls import measure_wizard_stalls

        reports = [measure_wizard_stalls() for _ in range(runs)]
    worst = median(report.worst_ms for report in reports)
    note = WIZARD_NOTE.format(
        seconds=median(report.seconds for report in reports),
        beats=reports[0].beats,
        most=MOST_MS,
        p999=median(report.p999_ms for report in reports),
        stalls=sum(len(report.stalls) for report in reports),
        ours=sum(len(report.ours) for report in reports),
        work=max((one.cpu_ms for report in reports for one in report.ours), default=0.0),
        runs=runs,
    )
    ratio = round(worst / MOST_MS, 4)
    return Row("wizard-stall", round(worst, 1), MOST_MS, "ms", ratio, "lower", runs, note)


def _run_row(runs: int) -> Row:
    with virtual_display():
        from parfocal.ui.stall_run import measure_stalls

        reports = [measure_stalls(FRAMES) for _ in range(runs)]
    worst = median(report.worst_ms for report in reports)
    note = NOTE.format(
        frames=FRAMES,
        beats=reports[0].beats,
        most=MOST_MS,
        p999=median(report.p999_ms for report in reports),
        stalls=sum(len(report.stalls) for report in reports),
        ours=sum(len(report.ours) for report in reports),
        work=max((one.cpu_ms for report in reports for one in report.ours), default=0.0),
        rate=median(report.frames / report.seconds for report in reports),
        runs=runs,
    )
    ratio = round(worst / MOST_MS, 4)
    return Row("main-loop-stall", round(worst, 1), MOST_MS, "ms", ratio, "lower", runs, note)
