"""What a profile names is called when its microscope opens, runs and closes."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_stand import profile

from parfocal.scope import Hooks, Microscope, MicroscopeError, open_microscope

called: list[tuple[str, str]] = []


def starts(microscope: Microscope) -> None:
    called.append(("start", microscope.name))


def ends(microscope: Microscope) -> None:
    called.append(("end", microscope.name))


def fails(microscope: Microscope) -> None:
    raise OSError("the laser is off")


def test_hooks_are_called_when_it_opens_runs_and_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import test_hooks as by_name  # pytest imported this file under another name

    by_name.called.clear()
    hooks = Hooks(
        opened=("test_hooks:starts",),
        run_starts=("test_hooks:starts", "test_hooks:fails"),
        run_ended=("test_hooks:ends",),
        closing=("test_hooks:ends",),
    )
    microscope = open_microscope(profile(tmp_path, hooks=hooks))
    assert by_name.called == [("start", "stand")]
    with microscope.for_a_run() as problems:
        pass
    assert by_name.called == [("start", "stand")] * 2 + [("end", "stand")]
    (problem,) = problems
    assert "'test_hooks:fails'" in problem
    assert "the laser is off" in problem
    microscope.close()
    assert len(by_name.called) == 4
    bad = hooks.model_copy(update={"opened": ("test_hooks:fails",)})
    with pytest.raises(MicroscopeError, match="the laser is off"):
        open_microscope(profile(tmp_path, hooks=bad))
