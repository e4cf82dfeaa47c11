"""A run that cannot work is refused with a sentence, and nothing is made."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import useq
from run_sessions import items, phase, plan

from parfocal import ParfocalError
from parfocal.plan import Experiment, Phase, Stimulation, experiment_from_sequence
from parfocal.run import RunRefused, preflight, recording_in_words, refuse, schedule_for
from parfocal.scope import Microscope, open_microscope
from parfocal.store import StoreReader, info, resolve_voxel_size
from parfocal.viewer import Ring, ViewerError
from parfocal.wiring import Session, prepare_run

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a channel nobody has": (
        {"channels": ["Violet"]},
        r"no channel 'Violet' in the group 'Channel'.*DAPI.*FITC",
    ),
    "a group nobody has": (
        {"channels": [{"config": "DAPI", "group": "Lasers"}]},
        r"'DAPI'.*'Lasers'.*Channel",
    ),
    "no frames": ({"channels": []}, "has no frames"),
    "more than the disk holds": (
        {"time_plan": {"interval": 0, "loops": 5000}, "z_plan": {"range": 4, "step": 1}},
        r"has 1\.00 MB free, and the run needs up to",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_plan_that_cannot_run_is_refused(
    case: str, demo: Microscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sequence, sentence = CASES[case]
    real = shutil.disk_usage(tmp_path)
    little = type(real)(real.total, real.used, 1_000_000)
    if "disk" in case:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: little)
    with pytest.raises(RunRefused, match=sentence):
        prepare_run(plan(**sequence), demo, tmp_path / "new.ome.zarr")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_is_refused(demo: Microscope, tmp_path: Path):
    (tmp_path / "there.ome.zarr").mkdir()
    (tmp_path / "old.ome.zarr").mkdir()
    (tmp_path / "old.ome.zarr" / "zarr.json").write_text("{}")
    (tmp_path / "file").write_text("")
    for output, sentence in {
        tmp_path / "new.zarr": r"must have a name that ends in \.ome\.zarr",
        tmp_path / ".ome.zarr": r"must have a name that ends in \.ome\.zarr",
        tmp_path / "there.ome.zarr": "exists already",
        tmp_path / f"{'x' * 222}.ome.zarr": "has 231 bytes",
        tmp_path / "a\\b.ome.zarr": "holds a backslash",
        tmp_path / "none" / "new.ome.zarr": "does not exist",
        tmp_path / "old.ome.zarr" / "new.ome.zarr": "lies inside the store",
        tmp_path / "file" / "new.ome.zarr": "does not exist",
        Path("/proc/new.ome.zarr"): "/proc (has|cannot be)",
    }.items():
        with pytest.raises(ParfocalError, match=sentence):
            prepare_run(plan(), demo, output)
    with pytest.raises(RunRefused, match="is not a store"):
        prepare_run(plan(), demo, tmp_path / "there.ome.zarr", overwrite=True)
    there = sorted(entry.name for entry in tmp_path.iterdir())
    assert there == ["file", "old.ome.zarr", "there.ome.zarr"]
    assert len(list((tmp_path / "old.ome.zarr").iterdir())) == 1


def test_each_finding_says_what_can_be_offered(demo: Microscope, tmp_path: Path):
    there = tmp_path / "there.ome.zarr"
    there.mkdir()
    ok = tmp_path / "new.ome.zarr"
    light = Stimulation(exposure=5)
    asked: dict[str, tuple[Experiment, Path]] = {
        "rename": (plan(), there),
        "choose-folder": (plan(), tmp_path / "none" / "new.ome.zarr"),
        "edit-channel:Violet": (plan(channels=["Violet"]), ok),
        "edit-plan": (plan(channels=[]), ok),
        "edit-limits": (plan(channels=[{"config": "DAPI", "exposure": 1e9}]), ok),
        "edit-limits:power": (items(changed(power={"DAPI": 500.0})), ok),
        "calibrate-projector": (items(changed(stimulate=light)), ok),
        "edit-phase:a": (items(changed(metadata={"phase_name": "control"})), ok),
        "edit-pipeline:a": (items(changed(pipeline={"measure": ["shape"]})), ok),
    }
    for fix, (experiment, output) in asked.items():
        found = preflight(experiment, demo, output)
        expected = [(fix.removesuffix(":power"), "error")]
        assert [(finding.fix, finding.severity) for finding in found] == expected, fix
        assert found[0].message
        with pytest.raises(RunRefused):
            refuse(experiment, demo, output)
    told = changed(metadata={"phase_name": "control", "phase_id": 3})
    assert preflight(items(told), demo, ok) == ()


def test_a_power_that_no_property_sets_is_refused(demo_camera: Microscope, tmp_path: Path):
    powered = items(changed(power={"DAPI": 5.0}))
    (finding,) = preflight(powered, demo_camera, tmp_path / "new.ome.zarr")
    assert (finding.rule, finding.fix) == ("power", "edit-power:DAPI")


def changed(**values: Any) -> Phase:
    return phase("a").model_copy(update=values)


def test_little_memory_is_a_warning_with_the_shards_in_words(
    demo: Microscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: real._replace(available=10**6))
    stacks = plan(z_plan={"range": 4, "step": 1}, time_plan={"interval": 60, "loops": 500})
    (finding,) = preflight(stacks, demo, tmp_path / "new.ome.zarr")
    assert (finding.rule, finding.severity, finding.fix) == ("memory", "warning", "set-memory")
    assert "stacks of 5 planes a shard" in finding.message
    refuse(stacks, demo, tmp_path / "new.ome.zarr")
    schedule = schedule_for(stacks, demo)
    assert recording_in_words(stacks, schedule, demo) in finding.message
    with pytest.raises(RunRefused, match="less than one plane"):
        refuse(stacks, demo, tmp_path / "new.ome.zarr", budget_bytes=100)


def test_a_look_that_is_cancelled_lays_out_nothing(
    demo: Microscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    laid_out: list[object] = []
    monkeypatch.setattr("parfocal.run._preflight.outline", lambda plan, **_: laid_out.append(plan))
    cancelled = threading.Event()
    cancelled.set()
    assert preflight(plan(), demo, tmp_path / "new.ome.zarr", cancelled=cancelled) == ()
    assert laid_out == []


def test_a_microscope_that_cannot_run_is_refused(tmp_path: Path):
    safe = open_microscope("safe")
    (finding,) = preflight(plan(), safe, tmp_path / "new.ome.zarr")
    assert (finding.rule, finding.fix) == ("microscope", "open-microscope")
    safe.close()
    (finding,) = preflight(plan(), safe, tmp_path / "new.ome.zarr")
    assert finding.fix == "reopen-microscope"


def test_a_z_step_that_nobody_knows_is_marked_as_a_guess(
    demo: Microscope, prepare: Callable[..., Session]
):
    flat, stack = prepare(plan(), demo), prepare(plan(z_plan={"range": 4, "step": 2}), demo)
    for session in (flat, stack):
        session.run.execute()
    unknown, known = (resolve_voxel_size(session.run.store) for session in (flat, stack))
    assert unknown.z == 1.0
    assert any("along z is a guess" in note for note in unknown.notes)
    assert (known.z, known.notes) == (2.0, ())


def test_every_finding_is_listed_at_once(demo: Microscope, tmp_path: Path):
    experiment = plan(channels=["Violet", {"config": "DAPI", "group": "Lasers"}])
    findings = preflight(experiment, demo, tmp_path / "none" / "new.zarr")
    assert [finding.rule for finding in findings] == ["output", "channel", "channel"]
    assert preflight(plan(), demo, tmp_path / "new.ome.zarr") == ()
    refuse(plan(), demo, tmp_path / "new.ome.zarr")


def test_an_old_store_stays_until_the_new_one_is_complete(
    demo: Microscope, prepare: Callable[..., Session], tmp_path: Path
):
    first = prepare(plan(time_plan={"interval": 0, "loops": 2}), demo)
    first.run.execute()
    store = first.run.store
    cancelled = prepare_run(
        plan(time_plan={"interval": 60, "loops": 3}), demo, store, overwrite=True, live=False
    )
    assert info(store).planned == 2
    cancelled.run.start()
    cancelled.run.cancel()
    cancelled.close()
    assert info(store).planned == 2
    aside = cancelled.run.status().store
    assert (aside != store, info(aside).state) == (True, "interrupted")
    replacing = prepare_run(
        plan(time_plan={"interval": 0, "loops": 4}), demo, store, overwrite=True, live=False
    )
    replacing.run.execute()
    replacing.close()
    assert info(store).planned == 4
    assert replacing.run.status().store == store
    assert StoreReader(store).plane((3, 0, 0, 0)).any()


def test_a_session_that_cannot_be_made_removes_its_store(
    demo: Microscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object, **__: object) -> Ring:
        raise OSError("out of everything")

    monkeypatch.setattr(Ring, "create", fail)
    with pytest.raises(OSError, match="out of everything"):
        prepare_run(plan(), demo, tmp_path / "new.ome.zarr")
    assert list(tmp_path.iterdir()) == []


def test_a_full_shared_memory_costs_the_live_view_only(
    demo: Microscope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object, **__: object) -> Ring:
        raise ViewerError("/dev/shm is full")

    monkeypatch.setattr(Ring, "create", full)
    session = prepare_run(plan(), demo, tmp_path / "new.ome.zarr")
    session.run.execute()
    session.close()
    assert (session.live, session.run.status().state) == (None, "completed")


def test_a_grid_is_spaced_by_the_camera(demo: Microscope, prepare: Callable[..., Session]):
    sequence = useq.MDASequence(
        stage_positions=[(0, 0, 0)], grid_plan={"rows": 1, "columns": 2}, channels=["DAPI"]
    )
    experiment: Experiment = experiment_from_sequence(sequence)
    session = prepare(experiment, demo)
    left, right = session.run.schedule.fields
    assert right.x - left.x == 64 * demo.camera().pixel_size_um
