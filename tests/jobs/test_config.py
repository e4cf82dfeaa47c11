"""A configuration is checked line by line, and a folder's name says which strip it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from parfocal.jobs import Config, JobError, Naming, map_path, read_config

GOOD = """\
project: mouse brain 7
watch: [/mnt/rig/scan]
output: /data/stores
archive: /backup/raw
voxel_size_um: [2.0, 0.4, 0.4]
"""


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("colour: red", r"line 6: colour: there is no such setting"),
        ("workers: 0", r"line 6: workers: .*greater than or equal to 1"),
        ("preview_window: [100]", r"line 6: preview_window"),
        ("preview_window: [100, 100]", r"line 6: preview_window: 100 is not below 100"),
        ("bandwidth_mb_s: .nan", r"line 6: bandwidth_mb_s"),
        ("cleanup: burn", r"line 6: cleanup: .*'delete'"),
        ("delete_consent: yes please", r"line 6: delete_consent must say 'delete mouse brain 7'"),
        ("notify:\n  - only: all", r"line 7: notify.0: say either webhook or email"),
        ("notify:\n  - webhook: localhost", r"line 7: notify.0.webhook"),
        ("project: again", r"line 6, says 'project' a second time"),
        ("codec: gzip", r"line 6: codec: .*'lz4', 'zstd' or 'none'"),
        ("shard_mb: 0", r"line 6: shard_mb: .*greater than or equal to 1"),
        ("shard_mb: 1.5", r"line 6: shard_mb: .*integer"),
        ("threads: none", r"line 6: threads: .*integer"),
        ("cpu_affinity: []", r"line 6: cpu_affinity: .*at least 1 item"),
        ("cpu_affinity: [0, -1]", r"line 6: cpu_affinity.1: .*greater than or equal to 0"),
        ("executor: slurm", r"line 6: executor: 'slurm' is no address .*tcp://host:8786; or say"),
        ("slices: 0", r"line 6: slices: .*greater than or equal to 1"),
        ("thresholds:\n  store_gb: -1", r"line 7: thresholds.store_gb: "),
        ("preview_parts: 0", r"line 6: preview_parts: "),
        ("pattern: Strip", r"line 6: the pattern .* names no strip"),
        ("pattern: 'Run<N'", r"line 6: the pattern .*cannot be read at '<N'"),
        ("workers: [", r"is not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, added: str, words: str) -> None:
    file = tmp_path / "scan.yaml"
    file.write_text(GOOD + added + "\n")
    with pytest.raises(JobError, match=words):
        read_config(file)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("archive: /backup/raw", "cleanup: delete", "line 4: cleanup: delete needs an archive"),
        ("/data/stores", "/mnt/rig/scan/out", "lies in the watched folder"),
        ("/data/stores", "'D:\\out'", "line 3: output: .* path_map does not say where it is"),
        ("/data/stores", "stores", "line 3: output: stores is no whole path"),
        ("output: /data/stores\narchive: /backup/raw\n", "", "there is nothing to do"),
        ("/data/stores", "/backup/raw", "are the same folder"),
        ("project: mouse brain 7", "project: ../up", "line 1: project"),
    ],
)
def test_what_makes_no_sense_together_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    file = tmp_path / "scan.yaml"
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(JobError, match=words):
        read_config(file)


def test_a_good_one_is_what_the_queue_keeps(tmp_path: Path) -> None:
    file = tmp_path / "scan.yaml"
    file.write_text(GOOD)
    config = read_config(file)
    assert Config.model_validate(config.as_json()) == config
    assert (config.stable_seconds, config.minimum_bytes) == (15, 25_000_000_000)
    with pytest.raises(JobError, match=r"none\.yaml cannot be read"):
        read_config(tmp_path / "none.yaml")


def test_places_of_the_rig_are_found_by_the_table(tmp_path: Path) -> None:
    file = tmp_path / "scan.yaml"
    table = "path_map: {'D:\\': /mnt/d}\n"
    windows = GOOD.replace("/mnt/rig/scan", "'D:\\scan'").replace("/data/stores", "'D:\\stores'")
    file.write_text(windows + table)
    config = read_config(file)
    assert Config.model_validate(config.as_json()) == config
    assert [config.local(folder) for folder in config.watch] == [Path("/mnt/d/scan")]
    assert config.local(config.output) == Path("/mnt/d/stores")
    file.write_text(windows.replace("stores", "scan\\out") + table)
    with pytest.raises(JobError, match="lies in the watched folder /mnt/d/scan"):
        read_config(file)


@pytest.mark.parametrize(
    ("pattern", "folder", "found"),
    [
        ("Run<N>[_C2][_s]", "Run1203", (12, "camera-01", 3)),
        ("Run<N>[_C2][_s]", "Run1203_C2", (12, "camera-02", 3)),
        ("Run<N>[_C2][_s]", "Run7_C2_s", (0, "camera-02", 7)),
        ("Run<N>[_C2][_s]", "Run7_s", (0, "camera-01", 7)),
        ("Run<N>[_C2][_s]", "Run7_C3", None),
        ("Run<N>[_C2][_s]", "run7", None),
        ("s<slice>-<strip>_cam<camera>", "s4-12_cam2", (4, "camera-02", 12)),
        ("a.<strip>", "ab3", None),
    ],
)
def test_names_of_folders(pattern: str, folder: str, found: tuple[int, str, int] | None) -> None:
    name = Naming(pattern).read("p", folder)
    assert (None if name is None else (name.slice, name.channel, name.strip)) == found


def test_an_offset_and_other_strips_a_slice() -> None:
    name = Naming("Run<N>", slice_offset=10, strips_per_slice=20).read("p", "Run45")
    assert name is not None
    assert name.key == "p/slice-012/camera-01/strip-005"
    assert name.words == "Strip 5 of slice 12 (camera-01)"


@pytest.mark.parametrize(
    ("text", "local"),
    [
        (r"D:\scan\Run3", "/mnt/d/scan/Run3"),
        (r"d:\Scan\Run3", "/mnt/d/Scan/Run3"),
        (r"D:\scan\old\Run3", "/old/Run3"),
        ("D:/scan/Run3", "/mnt/d/scan/Run3"),
        (r"\\nas\share\Run3", "/mnt/nas/Run3"),
        ("/rig/scan", "/mnt/rig/scan"),
        ("/rigs/scan", "/rigs/scan"),
        ("E:\\x", "E:\\x"),
    ],
)
def test_paths_of_the_rig_become_those_of_this_computer(text: str, local: str) -> None:
    table = {
        "D:\\": "/mnt/d",
        r"D:\scan\old": "/old",
        r"\\nas\share": "/mnt/nas",
        "/rig": "/mnt/rig",
    }
    assert map_path(text, table) == Path(local)
