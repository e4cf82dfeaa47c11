"""Nothing is asked of the hardware that its limits forbid, and a plan is told before it starts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from faulty_devices import NeverThere, load
from scope_events import acquire, tagged
from useq import MDASequence

from parfocal.plan import compile_schedule, experiment_from_sequence
from parfocal.scope import Limits, Microscope, MicroscopeError, PowerLimit, Range, limits_findings
from parfocal.scope._core_microscope import CoreMicroscope

LIMITS = Limits(
    x_um=Range(-100, 100),
    y_um=Range(-50, 50),
    z_um=Range(0, 10),
    exposure_ms=Range(1, 200),
    power=(PowerLimit(device="LED", property="State", range=Range(0, 2)),),
)


@pytest.fixture
def limited(demo: CoreMicroscope) -> CoreMicroscope:
    demo.profile = demo.profile.model_copy(update={"limits": LIMITS})
    demo._camera_limits.clear()
    demo._know_the_camera()
    return demo


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"x_pos": 101.0}, r"x 101 µm is outside the limits of this stage, -100 to 100 µm"),
        ({"y_pos": -51.0}, r"y -51 µm is outside"),
        ({"z_pos": 10.5}, r"z 10\.5 µm is outside"),
        ({"x_pos": float("nan")}, r"x nan µm is not a place"),
        ({"exposure": 201}, r"201 ms is outside the limits of this camera, 1 to 200 ms"),
        ({"properties": [("LED", "State", 3)]}, r"LED's State = 3 is outside its limits, 0 to 2"),
        ({"properties": [("LED", "State", "on")]}, r"LED's State = 'on' is no power"),
    ],
)
def test_the_engine_refuses_what_is_outside_the_limits(
    limited: Microscope, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(MicroscopeError, match=sentence):
        acquire(limited, [tagged(**asked)])  # type: ignore[arg-type]
    stage = limited.stage()
    assert (stage.x, stage.y, stage.z) == (0, 0, 0)


def test_no_step_of_a_hardware_sequence_is_outside_the_limits(limited: Microscope) -> None:
    events = [tagged((0, 0, 0, z), z_pos=z * 4.0) for z in range(4)]
    with pytest.raises(MicroscopeError, match=r"z 12 µm is outside"):
        acquire(limited, events, sequenced=True)
    assert limited.stage().z == 0


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (lambda m: m.stages.move_xy(0, 51), "y 51 µm is outside"),
        (lambda m: m.stages.move_z(-0.1), r"z -0\.1 µm is outside"),
        (lambda m: m.stages.move_by(z=11), "z 11 µm is outside"),
        (lambda m: m.stages.move_by(x=-101), "x -101 µm is outside"),
        (lambda m: m.imaging.set_exposure(0.5), r"0\.5 ms is outside"),
        (lambda m: m.settings.set_property("LED", "State", 9), "LED's State = 9 is outside"),
    ],
)
def test_the_operators_own_commands_are_limited_too(
    limited: Microscope, command: Callable[[Microscope], None], sentence: str
) -> None:
    with pytest.raises(MicroscopeError, match=sentence):
        command(limited)
    stage = limited.stage()
    assert (stage.x, stage.y, stage.z) == (0, 0, 0)


def test_what_is_within_the_limits_is_done(limited: Microscope) -> None:
    limited.stages.move_xy(100, -50)
    limited.stages.move_z(10)
    limited.stages.move_by(x=-10, z=-1)
    stage = limited.stage()
    assert (stage.x, stage.y, stage.z) == pytest.approx((90, -50, 9), abs=0.02)
    limited.imaging.set_exposure(200)
    assert limited.imaging.exposure() == 200


def test_the_cameras_own_exposure_limits_hold_without_a_profile(demo: Microscope) -> None:
    assert demo.imaging.exposure_limits() == Range(0, 60_000)
    assert demo.limits.exposure_ms == Range(0, 60_000)


def test_the_profile_narrows_the_cameras_limits_and_never_widens_them(
    demo: CoreMicroscope,
) -> None:
    demo.profile = demo.profile.model_copy(update={"limits": Limits(exposure_ms=Range(5, 90_000))})
    demo._camera_limits.clear()
    demo._know_the_camera()
    assert demo.limits.exposure_ms == Range(5, 60_000)


def test_a_plan_is_told_everything_that_is_not_allowed_before_it_starts(
    limited: Microscope,
) -> None:
    sequence = MDASequence(
        channels=[{"config": "DAPI", "exposure": 500}, {"config": "FITC", "exposure": 20}],
        stage_positions=[
            {"name": "good", "x": 0, "y": 0, "z": 5},
            {"name": "far", "x": 0, "y": 60, "z": 5},
            {"name": "deep", "x": 0, "y": 0, "z": 9},
        ],
        z_plan={"range": 4, "step": 2},
        time_plan={"interval": 0, "loops": 3},
    )
    schedule = compile_schedule(experiment_from_sequence(sequence, "plan"))
    found = limited.limits_findings(schedule)
    assert found == (
        "field 'far' lies where the stage may not go: "
        "y 60 µm is outside the limits of this stage, -50 to 50 µm",
        "channel 'DAPI' asks for what is not allowed: an exposure of 500 ms is outside the limits "
        "of this camera, 1 to 200 ms",
        "field 'deep' lies where the stage may not go: "
        "z 11 µm is outside the limits of this stage, 0 to 10 µm",
    )
    assert limits_findings(schedule, Limits()) == ()


def test_the_power_of_a_channel_is_limited_by_the_light_that_serves_it() -> None:
    limits = Limits(
        power=(
            PowerLimit(device="Laser", property="Power", range=Range(0, 40), channels=("GFP",)),
            PowerLimit(device="Lamp", property="Level", range=Range(5, 100), channels=("RFP",)),
        )
    )
    assert limits.against_power("GFP", 40) == ""
    assert "for channel 'GFP' Laser's Power = 41 is outside its limits, 0 to 40" in (
        limits.against_power("GFP", 41)
    )
    assert "Lamp's Level = 4" in limits.against_power("RFP", 4)
    assert limits.against_power("DAPI", 1e9) == ""
    assert limits.power_settings("GFP", 12) == (("Laser", "Power", 12),)
    assert limits.power_settings("DAPI", 12) == ()


def test_the_power_in_a_plan_is_checked_before_it_starts() -> None:
    sequence = MDASequence(channels=[{"config": "GFP", "exposure": 5}])
    (phase,) = experiment_from_sequence(sequence, "plan").items
    experiment = experiment_from_sequence(sequence, "plan").model_copy(
        update={"items": (phase.model_copy(update={"power": {"GFP": 50.0}}),)}
    )
    limits = Limits(power=(PowerLimit(device="Laser", property="Power", range=Range(0, 40)),))
    (found,) = limits_findings(compile_schedule(experiment), limits)
    assert "for channel 'GFP' Laser's Power = 50 is outside its limits, 0 to 40" in found


def test_a_move_to_where_the_stage_may_not_go_does_not_start(limited: Microscope) -> None:
    stage = NeverThere()
    load(limited, "Table", stage)
    with pytest.raises(MicroscopeError, match="x 500 µm is outside"):
        limited.stages.move_xy(500, 0)
    assert stage.moves == 0
