"""Plans survive their files, and a file that is none is refused with one sentence."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
import useq
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from plan_values import experiments, sequences

from parfocal.plan import (
    Experiment,
    Hold,
    Phase,
    PlanError,
    demo_experiment,
    experiment_from_sequence,
    read_plan,
    write_plan,
)

HEAD = "parfocal: 1\nitems:\n"
HOLD = Hold(message="ends of lines\x85of\u2028all\nkinds ")
HELD = Experiment(items=(HOLD, Phase(name="a", sequence=useq.MDASequence())))

relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@example(
    experiment=Experiment(items=(HOLD, Phase(name="a", sequence=useq.MDASequence()))),
    ending=".parfocal.yaml",
)
@given(experiment=experiments, ending=st.sampled_from([".parfocal.yaml", ".parfocal.json", ".yml"]))
@relaxed
def test_an_experiment_comes_back_as_it_was(experiment: Experiment, ending: str, tmp_path: Path):
    path = tmp_path / f"plan{ending}"
    write_plan(experiment, path)
    assert read_plan(path) == experiment


@given(sequence=sequences, ending=st.sampled_from([".useq.yaml", ".useq.json"]))
@relaxed
def test_a_plain_useq_file_opens_and_saves(sequence: useq.MDASequence, ending: str, tmp_path: Path):
    path = tmp_path / f"plan{ending}"
    write_plan(experiment_from_sequence(sequence, "plan"), path)
    if path.read_text() in ("{}\n",):
        return  # an empty sequence has no key to know it by
    assert read_plan(path).items[0].sequence == sequence
    assert useq.MDASequence.from_file(path) == sequence


def test_useqs_own_yaml_opens(tmp_path: Path):
    sequence = demo_experiment().items[0].sequence
    (tmp_path / "my plan.yaml").write_text(sequence.yaml() or "")
    experiment = read_plan(tmp_path / "my plan.yaml")
    assert (experiment.name, experiment.items[0].sequence) == ("my plan", sequence)


def test_a_wells_plate_comes_back(tmp_path: Path):
    plate = useq.WellPlatePlan(
        plate="96-well",
        a1_center_xy=(100, 200),
        selected_wells=([0, 1], [0, 1]),
        well_points_plan=useq.RandomPoints(num_points=2, random_seed=3, shape="rectangle"),
    )
    experiment = experiment_from_sequence(useq.MDASequence(stage_positions=plate))
    write_plan(experiment, tmp_path / "plate.parfocal.yaml")
    assert read_plan(tmp_path / "plate.parfocal.yaml") == experiment


def test_positions_may_be_written_as_lists(tmp_path: Path):
    path = tmp_path / "plan.parfocal.yaml"
    path.write_text(
        f"{HEAD} - phase: a\n   sequence: {{stage_positions: [[1, 2, 3], [4, 5, 6]]}}\n"
    )
    places = read_plan(path).items[0].sequence.stage_positions
    assert [(place.x, place.y, place.z) for place in places] == [(1, 2, 3), (4, 5, 6)]


BAD = {
    "not YAML": ("a: b: c", "line 1", "not YAML"),
    "not a mapping": ("- 1\n- 2\n", "a list of 2"),
    "empty": ("", "nothing"),
    "some other YAML": ("version: 3\n", "parfocal: 1"),
    "a later version": ("parfocal: 2\n", "line 1", "parfocal: 2"),
    "no items": ("parfocal: 1\n", "items"),
    "unknown key": (
        HEAD + " - phase: a\n   sequence: {channels: [DAPI]}\nitem: 3\n", "line 5", "'item'"
    ),
    "unknown key of useq": ("channels: [DAPI]\nzplan: 3\n", "line 2", "'zplan'"),
    "unknown key deep down": (
        "channels:\n - {config: DAPI, exposur: 3}\n", "line 2", "'exposur'"
    ),
    "waits alone": (HEAD + " - wait: 10\n", "line 2", "needs a phase"),
    "a wait of letters": (HEAD + " - wait: soon\n", "line 3", "items.0.wait = 'soon'"),
    "a wait below zero": (HEAD + " - wait: -3\n", "line 3", "items.0.wait = -3"),
    "a wait that is a bool": (HEAD + " - wait: yes\n", "line 3", "items.0.wait = True"),
    "a hold without words": (HEAD + " - hold:\n", "line 3", "items.0.hold = nothing"),
    "a wait with more": (HEAD + " - {wait: 3, seconds: 3}\n", "line 3", "'seconds'"),
    "a wait and a hold": (HEAD + " - {wait: 3, hold: x}\n", "line 3", "wait and hold", "item 1"),
    "an item that is none": (HEAD + " - {pause: 3}\n", "line 3", "item 1", "neither a phase"),
    "an item of text": (HEAD + " - wait\n", "line 3", "'wait' as item 1"),
    "stimulation without exposure": (
        HEAD + " - {phase: a, sequence: {}, stimulate: {mode: current}}\n",
        *("line 3", "lacks items.0.stimulate.exposure"),
    ),
    "an unknown mode": (
        HEAD + " - {phase: a, sequence: {}, stimulate: {exposure: 5, mode: next}}\n",
        *("line 3", "items.0.stimulate.mode = 'next'"),
    ),
    "an unknown rule for late masks": (
        HEAD + " - {phase: a, sequence: {}, stimulate: {exposure: 5, on_late: wait}}\n",
        *("line 3", "items.0.stimulate.on_late = 'wait'"),
    ),
    "no timepoint": (
        HEAD + " - {phase: a, sequence: {}, stimulate: {exposure: 5, timepoints: []}}\n",
        *("line 3", "items.0.stimulate.timepoints"),
    ),
    "a range that stands still": (
        HEAD + " - {phase: a, sequence: {}, stimulate: {exposure: 5, timepoints: {step: 0}}}\n",
        *("line 3", "items.0.stimulate.timepoints.step = 0"),
    ),
    "an unknown key of stimulation": (
        HEAD + " - {phase: a, sequence: {}, stimulate: {exposure: 5, exposures: 5}}\n",
        *("line 3", "stimulate.exposures"),
    ),
    "a reference without channels": (
        HEAD + " - phase: a\n   sequence: {}\n   reference: {channels: []}\n",
        *("line 5", "items.0.reference.channels"),
    ),
    "a misspelt reference channel": (
        HEAD + " - phase: a\n   sequence: {}\n   reference: {channels: [{config: A, expose: 3}]}\n",
        *("line 5", "'expose'"),
    ),
    "a reference with a rhythm of its own": (
        HEAD
        + " - phase: a\n   sequence: {}\n"
        + "   reference: {channels: [{config: A, acquire_every: 2}]}\n",
        *("line 5", "acquire_every = 2"),
    ),
    "power of letters": (
        HEAD + " - {phase: a, sequence: {}, power: {DAPI: full}}\n", "items.0.power = 'full'"
    ),
    "an unknown answer to trouble": (
        "parfocal: 1\non_trouble: {action: cry}\nitems:\n - {phase: a, sequence: {}}\n",
        *("line 2", "on_trouble.action = 'cry'"),
    ),
    "a deadline of nothing": (
        "parfocal: 1\non_trouble: {deadline: 0}\nitems:\n - {phase: a, sequence: {}}\n",
        *("line 2", "on_trouble.deadline = 0"),
    ),
    "an unknown codec": (
        "parfocal: 1\nstorage: {codec: jpeg}\nitems:\n - {phase: a, sequence: {}}\n",
        *("line 2", "storage.codec = 'jpeg'"),
    ),
    "an unknown key of a view": (
        "parfocal: 1\nview: {viewer: main, well: [B/3]}\nitems:\n - {phase: a, sequence: {}}\n",
        *("line 2", "view.0.well"),
    ),
    "a view of a step that is none": (
        HEAD + " - phase: a\n   sequence: {}\n   view: {steps: [light]}\n",
        *("line 5", "items.0.view.0.steps.0 = 'light'", "'stimulation'"),
    ),
    "a viewer without a name": (
        "parfocal: 1\nview:\n - {viewer: a}\n - {viewer: ''}\n"
        "items: [{phase: a, sequence: {}}]\n",
        *("line 4", "view.1.viewer = ''"),
    ),
    "a view of a product that is none": (
        HEAD + " - phase: a\n   sequence: {}\n   products: {images: {viewer: a}}\n",
        *("line 5", "products.images"),
    ),
    "steps of a product, which is one": (
        HEAD + " - phase: a\n   sequence: {}\n   products: {reference: {steps: [imaging]}}\n",
        *("line 5", "leave `steps` out"),
    ),
    "wells of a number that is none": (
        "parfocal: 1\nview: {wells: [[B, 3]]}\nitems:\n - {phase: a, sequence: {}}\n",
        *("line 2", "view.0.wells.0"),
    ),
    "an unknown revision": (
        HEAD + " - {phase: a, sequence: {}}\nrevisions: [{kind: undo, done: 3}]\n",
        *("line 4", "revisions.0.kind = 'undo'"),
    ),
    "a revision with a bad item": (
        HEAD + " - {phase: a, sequence: {}}\n"
        "revisions:\n - kind: extend\n   done: 3\n   items: [{wait: -1}]\n",
        *("line 7", "revisions.0.items.0.wait = -1"),
    ),
    "no sequence": (HEAD + " - phase: a\n", "line 3", "sequence", "'a'"),
    "an exposure below zero": (
        "channels:\n - config: DAPI\n   exposure: -5\n", "line 3", "channels.0.exposure = -5"
    ),
    "an interval of letters": ("time_plan: {interval: fast, loops: 3}\n", "line 1", "'fast'"),
    "half a z plan": ("z_plan: {range: 3}\n", "line 1", "z_plan.step"),
    "an unknown policy": (
        "parfocal: 1\npolicy: maybe\nitems:\n - {phase: a, sequence: {}}\n", "line 2", "'maybe'"
    ),
    "a key twice": ("channels: [DAPI]\nchannels: [FITC]\n", "line 2", "'channels'"),
    "channels of another kind": ("channels: 3\n", "line 1", "channels = 3"),
    "a position of letters": ("stage_positions: [a]\n", "line 1", "stage_positions"),
    "a key that is a list": ("? [1]\n: 2\n", "line 1"),
    "nesting without end": ("[" * 3000, "nested too deeply"),
    "an alias that holds itself": ("parfocal: 1\nmetadata: &a {b: *a}\n", "aliases"),
    "aliases of aliases": (
        "a: &a [1]\n" + "".join(f"{b}: &{b} [{f'*{a},' * 9}]\n" for a, b in pairwise("abcdefgh")),
        "aliases",
    ),
    "no date": ("channels: 2024-13-45\n", "month"),
    "a position that is no number": (
        "stage_positions: [[.nan, 0, 0]]\n", "line 1", "stage_positions.0.0 = nan"
    ),
    "a position beyond all numbers": ("stage_positions: [[0, 1e400, 0]]\n", "0.y = inf"),
    "a well plate that is nowhere": (
        "stage_positions: {plate: 96-well, a1_center_xy: [.inf, 0]}\n", "a1_center_xy.0 = inf"
    ),
    "an endless exposure": ("channels: [{config: DAPI, exposure: .inf}]\n", "exposure = inf"),
    "metadata that no JSON can hold": (
        HEAD + " - {phase: a, metadata: {gain: .nan}, sequence: {}}\n", "line 3", "gain = nan"
    ),
    "time that runs backwards": (
        "time_plan: {interval: -1, loops: 5}\n", "line 1", "interval = -1 s", "below zero"
    ),
    "timepoints without end": ("time_plan: {interval: 0, duration: 5}\n", "interval = 0 s"),
    "a duration of one timepoint": ("time_plan: {duration: 5, loops: 1}\n", "loops = 1"),
    "planes in the wrong direction": ("z_plan: {range: 4, step: -1}\n", "step = -1"),
    "a stack that ends below its bottom": (
        "z_plan: {bottom: 5, top: 1, step: 2}\n", "line 1", "z_plan.bottom = 5", "above `top`"
    ),
    "an own stack without end": (
        "stage_positions: [{x: 0, sequence: {z_plan: {range: .inf, step: 1}}}]\n",
        "stage_positions.0.sequence.z_plan.range = inf",
    ),
    "tiles that do not move on": ("grid_plan: {rows: 2, columns: 2, overlap: 100}\n", "100 %"),
    "rows below zero": (
        "grid_plan: {rows: -2, columns: 2}\n", "line 1", "grid_plan.rows = -2"
    ),
    "too many planes": ("z_plan: {range: 1.0e+12, step: 0.001}\n", "frames"),
    "too many timepoints": ("time_plan: {interval: 0, loops: 1000000000}\n", "1,000,000,000"),
    "too many tiles": ("grid_plan: {rows: 100000, columns: 100000}\n", "10,000,000,000 frames"),
    "too many points in wells": (
        "stage_positions: {plate: 96-well, a1_center_xy: [0, 0],"
        " well_points_plan: {num_points: 1000000000}}\n",
        "96,000,000,000 frames",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_plan_is_refused_with_path_line_and_value(kind: str, tmp_path: Path):
    text, *said = BAD[kind]
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(PlanError) as refusal:
        read_plan(path)
    sentence = str(refusal.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    for part in said:
        assert part in sentence


def test_broken_json_names_its_line(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text('{"parfocal": 1,\n "items": [}')
    with pytest.raises(PlanError, match="line 2"):
        read_plan(path)


def test_a_wrong_value_in_json_names_its_line(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"channels": [{"config": "DAPI", "exposure": -1}]}, indent=1))
    with pytest.raises(PlanError, match=r"line 5, has channels\.0\.exposure = -1"):
        read_plan(path)


def test_what_is_no_text_file_is_refused(tmp_path: Path):
    binary, huge = tmp_path / "binary.yaml", tmp_path / "huge.yaml"
    binary.write_bytes(bytes(range(256)))
    with huge.open("wb") as file:
        file.truncate(33 * 2**20)
    for path, said in {
        tmp_path: "folder",
        tmp_path / "none.yaml": "there is no plan",
        binary: "not text",
        huge: "33 MB",
        Path("a\0b.yaml"): "not the name of a file",
    }.items():
        with pytest.raises(PlanError, match=said):
            read_plan(path)


def test_a_plan_is_written_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "plan.parfocal.yaml"
    write_plan(demo_experiment(), path)
    before = path.read_bytes()
    sequence = useq.MDASequence(channels=["DAPI"], metadata={"bad": object()})
    with pytest.raises(PlanError, match="no file can keep"):
        write_plan(experiment_from_sequence(sequence), path)
    with pytest.raises(PlanError, match="cannot be written"):
        write_plan(demo_experiment(), tmp_path / "none" / "plan.yaml")
    with pytest.raises(PlanError, match=r"must end in \.parfocal\.yaml"):
        write_plan(demo_experiment(), tmp_path / "plan.txt")
    shifting = demo_experiment().model_copy(update={"policy": "shift"})
    with pytest.raises(PlanError, match="policy"):
        write_plan(shifting, tmp_path / "plan.useq.yaml")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
