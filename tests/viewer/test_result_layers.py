"""Results lie on the picture to the pixel, in a real napari, and stay as new as the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.analysed import (
    FIELDS,
    ORIGINS,
    TIMES,
    VOXEL,
    cells,
    label_cells,
    record,
    segment,
    track_cells,
)
from viewer.window import said_in_window

Say = Callable[[Any], None]
NAMES = {
    "GFP",
    "segmentation · fired",
    "segmentation · nuclei",
    "tracks · cells",
    "points · spots",
    "shapes · regions",
}


def layer_of(viewer: Any, name: str) -> Any:
    return next(layer for layer in viewer.layers if layer.name == name)


def go(viewer: Any, t: int, p: int, z: int) -> None:
    viewer.dims.set_current_step((0, 1, 2), (t, p, z))


def picture(viewer: Any, *names: str) -> np.ndarray:
    """The canvas with these layers only."""
    for layer in viewer.layers:
        layer.visible = layer.name in names
    return viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def clear_of_text(pixels: np.ndarray) -> np.ndarray:
    """Without the overlay and the scale bar."""
    pixels[:60, :400] = 0
    pixels[-60:] = 0
    return pixels


def looks(viewer: Any, say: Say) -> Iterator[Any]:
    """What the tests of one window judge."""
    yield lambda: {layer.name for layer in viewer.layers} == NAMES
    say(
        {
            layer.name: {
                "scale": layer.scale.tolist(),
                "translate": layer.translate.tolist(),
                "levels": len(layer.data) if getattr(layer, "multiscale", False) else 1,
                "units": [str(unit) for unit in layer.units],
            }
            for layer in viewer.layers
        }
    )
    say(
        {
            "range": [(each.start, each.stop, each.step) for each in viewer.dims.range],
            "selected": [layer.name for layer in viewer.layers.selection],
        }
    )
    yield from _judge_labels(viewer, say)
    yield from _judge_marks(viewer, say)


def _judge_labels(viewer: Any, say: Say) -> Iterator[Any]:
    overlaps, whole = [], viewer.scene.camera.zoom
    for place, zooms in (((2, 0, 1), (1.0, 0.4)), ((0, 1, 1), (1.0,))):
        go(viewer, *place)
        for zoom in zooms:
            viewer.scene.camera.zoom = whole * zoom
            yield 0.2
            seen = {
                name: clear_of_text(picture(viewer, name))
                for name in ("GFP", "segmentation · fired", "segmentation · nuclei")
            }
            cells_seen = seen.pop("GFP")[..., 1] > 100
            overlaps += [overlap(cells_seen, each.max(axis=-1) > 40) for each in seen.values()]
    say({"overlaps": overlaps})
    fired = layer_of(viewer, "segmentation · fired")
    colors = {
        number: [round(float(part), 2) for part in fired.get_color(number)]
        for number in cells(2, 1)
    }
    say({"colors": colors, "editable": bool(fired.editable)})


def _judge_marks(viewer: Any, say: Say) -> Iterator[Any]:
    image, tracks = layer_of(viewer, "GFP"), layer_of(viewer, "tracks · cells")
    spots, regions = layer_of(viewer, "points · spots"), layer_of(viewer, "shapes · regions")
    wanted = {
        tuple(np.round(image.data_to_world((t, p, z, y, x)), 6))
        for t in range(TIMES)
        for p in range(FIELDS)
        for z, y, x in cells(t, p).values()
    }
    middles = [data.mean(axis=0) for data in regions.data]
    say(
        {
            "spots": {tuple(np.round(spots.data_to_world(row), 6)) for row in spots.data} == wanted,
            "regions": {tuple(np.round(regions.data_to_world(row), 6)) for row in middles}
            == wanted,
            "kinds": sorted(set(regions.shape_type)),
        }
    )
    drawn = []
    for t, p in ((0, 0), (2, 0), (2, 1), (1, 1)):
        go(viewer, t, p, 1)
        yield 0.2
        seen = clear_of_text(picture(viewer, "tracks · cells")).max(axis=-1) > 25
        image.visible = True
        image_rows = [tuple(image.data_to_world((t, p, *row[2:]))[2:]) for row in tracks.data]
        drawn.append(
            {
                "rows": tracks.data.tolist(),
                "aligned": image_rows
                == [tuple(tracks.data_to_world((p, *row[2:]))[1:]) for row in tracks.data],
                "time": tracks.current_time,
                "graph": {int(k): [int(v) for v in vs] for k, vs in (tracks.graph or {}).items()},
                "pixels": int(seen.sum()),
            }
        )
    say({"drawn": drawn, "range": [each.stop for each in viewer.dims.range]})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store with everything in it."""
    path = record(tmp_path_factory.mktemp("analysed") / "cells.ome.zarr")
    label_cells(path, run=segment(path))
    track_cells(path)
    return path


@pytest.fixture(scope="module")
def seen(store: Path) -> dict[str, Any]:
    """What one window showed."""
    (layers, *others), log = said_in_window(looks, store)
    assert log == ""
    found: dict[str, Any] = {"layers": layers}
    for other in others:
        found |= other
    return found


def test_layers_lie_as_the_image_does_and_as_ome_zarr_reads_them(
    store: Path, seen: dict[str, Any]
) -> None:
    from ome_zarr.io import parse_url
    from ome_zarr.reader import Reader

    image = seen["layers"]["GFP"]
    for name in NAMES - {"tracks · cells", "segmentation · nuclei"}:
        assert seen["layers"][name]["scale"] == image["scale"], name
        assert seen["layers"][name]["translate"] == image["translate"], name
        assert seen["layers"][name]["units"] == image["units"], name
    tracks = seen["layers"]["tracks · cells"]
    assert (tracks["scale"], tracks["translate"]) == (image["scale"][1:], image["translate"][1:])

    labels = {
        "segmentation · fired": ("A/1/1", 3),
        "segmentation · nuclei": ("results/segmentation/latest/A/1/1", 1),
    }
    for name, (path, levels) in labels.items():
        assert seen["layers"][name]["levels"] == levels
        _, *others = Reader(parse_url(str(store / path)))()
        (node,) = [node for node in others if node.data]
        scale, place = (
            np.delete(list(each.values())[1], 1)
            for each in node.metadata["coordinateTransformations"][0]
        )
        mine = seen["layers"][name]
        np.testing.assert_allclose(np.delete(mine["scale"], 1), scale)
        # fields share a layer, so each lies where it is seen from its own first voxel
        np.testing.assert_allclose(np.array(mine["translate"][2:]) + ORIGINS[1], place[1:])


def test_labels_cover_the_cells_on_screen_at_every_zoom(seen: dict[str, Any]) -> None:
    assert len(seen["overlaps"]) == 6
    assert min(seen["overlaps"]) > 0.8, seen["overlaps"]  # an edge is a fifth of so small a cell


def test_labels_have_the_colours_that_were_chosen_and_cannot_be_painted_on(
    seen: dict[str, Any],
) -> None:
    assert seen["colors"] == {"1": [1, 0, 0, 1], "2": [0, 0, 1, 1], "3": [0.75, 0.75, 0.75, 1]}
    assert not seen["editable"]


def test_spots_in_micrometres_and_outlines_in_pixels_lie_on_the_cells(seen: dict[str, Any]) -> None:
    assert seen["spots"]
    assert seen["regions"]
    assert seen["kinds"] == ["rectangle"]


def test_tracks_are_those_of_the_field_on_screen_up_to_now(seen: dict[str, Any]) -> None:
    early, late, other, middle = seen["drawn"]
    for drawn, (t, p) in zip(seen["drawn"], ((0, 0), (2, 0), (2, 1), (1, 1)), strict=True):
        wanted = sorted(
            [number, time, *map(float, place)]
            for time in range(TIMES)
            for number, place in cells(time, p).items()
        )
        assert sorted(drawn["rows"]) == wanted
        assert drawn["aligned"]
        assert drawn["time"] == t
        assert drawn["graph"] == {"3": [1]}
    assert early["pixels"] < middle["pixels"] < late["pixels"]
    assert abs(late["pixels"] - other["pixels"]) < late["pixels"] / 2


def test_no_result_makes_a_slider_longer_or_takes_the_selection(seen: dict[str, Any]) -> None:
    assert seen["range"][:3] == [30.0 * (TIMES - 1), FIELDS - 1, VOXEL[0] * 2]
    assert seen["selected"] == ["GFP"]


def follows(viewer: Any, say: Say) -> Iterator[Any]:
    """A user who hides and deletes, while analyses publish."""
    yield lambda: {layer.name for layer in viewer.layers} == NAMES
    store = Path(viewer.title)
    nuclei = layer_of(viewer, "segmentation · nuclei")
    nuclei.visible, nuclei.opacity = False, 0.25
    viewer.layers.remove(layer_of(viewer, "points · spots"))
    tracks = layer_of(viewer, "tracks · cells")
    tracks.visible, tracks.color_by = False, "area"
    go(viewer, 1, 1, 1)
    before = list(np.argwhere(np.asarray(nuclei.data[1, 1, 1]))[:, 1])
    pool = ThreadPoolExecutor(1)
    publishing = pool.submit(_publish, store)

    def shifted() -> bool:
        now = next((one for one in viewer.layers if one.name == "segmentation · nuclei"), None)
        if now is None:  # between the old ones and the new
            return False
        found = list(np.argwhere(np.asarray(now.data[1, 1, 1]))[:, 1])
        return len(found) == len(before) and found == [column + 40 for column in before]

    yield publishing.done
    publishing.result()
    yield shifted
    yield (
        lambda: (
            "no coordinates" in viewer.canvas.overlays.text.text
            or "torn" in (viewer.canvas.overlays.text.text)
        )
    )
    say({"text": viewer.canvas.overlays.text.text})
    yield lambda: len(layer_of(viewer, "tracks · cells").data) == 6
    yield 2.5
    nuclei, tracks = (
        layer_of(viewer, f"{name}") for name in ("segmentation · nuclei", "tracks · cells")
    )
    say(
        {
            "names": [layer.name for layer in viewer.layers],
            "nuclei": [nuclei.visible, nuclei.opacity],
            "tracks": [tracks.visible, tracks.color_by, tracks.properties["area"].tolist()],
            "place": list(viewer.dims.current_step[:3]),
        }
    )


def _publish(store: Path) -> None:
    from parfocal.store import append_table, write_table

    place = {"p": 0, "z": 1, "y": 5.0, "x": 5.0}
    append_table(
        store,
        "spots",
        [{"t": 0, "field": "field 0", "z_um": 0.0, "y_um": 1.0, "x_um": 1.0, "intensity": 3}],
    )
    rows = [
        {"track": track, "t": t, "area": area, "parent": parent, **place, "p": 1}
        for t in range(TIMES)
        for track, area, parent in ((9, 4.0 + t, 7), (7, 1.0, None))
    ]
    write_table(store, "cells", rows)
    write_table(store, "torn", [{**place, "t": 0}])
    part = store / "parfocal/tables/torn/part-000000.parquet"
    part.write_bytes(part.read_bytes()[:-9])
    segment(store, shift=40, pause_s=2.5)  # a watch that looks now finds no labels


def test_what_a_user_did_to_layers_stays_when_newer_results_come(tmp_path: Path) -> None:
    path = record(tmp_path / "cells.ome.zarr")
    label_cells(path, run=segment(path))
    track_cells(path)
    (text, seen), log = said_in_window(follows, path, title=str(path))
    assert "parfocal/tables/torn" in text["text"]
    assert log.count("torn") == 1
    assert "Traceback" not in log
    assert sorted(seen["names"]) == sorted(NAMES - {"points · spots"})
    assert seen["nuclei"] == [False, 0.25]
    assert seen["tracks"] == [False, "area", [1, 1, 1, 4, 5, 6]]
    assert seen["place"] == [1, 1, 1]
