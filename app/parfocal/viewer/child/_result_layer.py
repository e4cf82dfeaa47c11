"""Make the napari layer of one result, where and as large as the picture that it lies on."""

from typing import Any

import numpy as np
from napari.layers import Labels, Points, Shapes
from napari.utils.colormaps import DirectLabelColormap

from parfocal.viewer._label_array import LabelArray
from parfocal.viewer._label_document import Rgba
from parfocal.viewer._mark_data import outlines_of, points_of
from parfocal.viewer._result_ground import Ground
from parfocal.viewer._result_watch import LabelResult, MarkResult
from parfocal.viewer._source import Sizes
from parfocal.viewer.child._field_tracks import FieldTracksLayer

_OPACITY = 0.5
_OTHERS: Rgba = (0.75, 0.75, 0.75, 1.0)  # labels without a colour where others have one
_NOTHING: Rgba = (0.0, 0.0, 0.0, 0.0)


def label_layer(result: LabelResult, ground: Ground) -> Labels:
    """Labels that are read plane by plane, with the levels that they have."""
    planes = result.planes
    levels = [LabelArray(planes, ground, level) for level in range(len(planes.levels))]
    scale, origin = np.array(ground.scale), np.zeros(len(ground.scale))
    along = slice(-3, None) if ground.has_z else slice(-2, None)
    origin[along] = scale[along] * planes.lie.origin[along]
    scale[along] *= planes.lie.voxel[along]
    layer = Labels(
        levels if len(levels) > 1 else levels[0],
        multiscale=len(levels) > 1,
        opacity=_OPACITY,
        **{
            **_placed(result.found.title, ground),
            "scale": scale,
            "translate": np.array(ground.translate) + origin,
        },
    )
    layer.editable = False  # the store is never painted on
    if any(result.found.colors):
        colors: dict[int | None, Rgba] = {None: _OTHERS, 0: _NOTHING}
        colors.update(result.found.colors.items())
        layer.colormap = DirectLabelColormap(color_dict=colors)
    return layer


def point_layer(result: MarkResult, ground: Ground, sizes: Sizes) -> tuple[Points, int]:
    """Points as rings, and how many had no room."""
    points = points_of(result.marks, ground, sizes)
    layer = Points(
        points.places,
        ndim=len(ground.scale),
        features=points.values,
        size=max(12.0, sizes.x / 80),
        symbol="disc",
        face_color="transparent",
        border_color="yellow",
        border_width=0.15,
        **_placed(result.title, ground),
    )
    return layer, points.left_out


def shape_layer(result: MarkResult, ground: Ground, sizes: Sizes) -> tuple[Shapes, int]:
    """Outlines, and how many had no room."""
    outlines, left_out = outlines_of(result.marks, ground, sizes)
    layer = Shapes(
        [outline.vertices for outline in outlines] or None,
        ndim=len(ground.scale),
        shape_type=[outline.kind for outline in outlines] or "polygon",
        face_color="transparent",
        edge_color="cyan",
        edge_width=max(2.0, sizes.x / 400),
        **_placed(result.title, ground),
    )
    return layer, left_out


def track_layer(result: MarkResult, ground: Ground) -> FieldTracksLayer:
    """A layer that is then told which field's tracks to have. It lies on the last axes: z, y and
    x and the slider before them, or that and y and x."""
    has_z = ground.has_z and len(ground.sliders) > 1
    placed = _placed(result.title, ground)
    last = {k: v if k == "name" else v[-4 if has_z else -3 :] for k, v in placed.items()}
    return FieldTracksLayer(has_z=has_z, **last)


def _placed(name: str, ground: Ground) -> dict[str, Any]:
    return {
        "name": " · ".join(part for part in (name, ground.title) if part),
        "scale": ground.scale,
        "translate": ground.translate,
        "units": ground.units,
        "axis_labels": ground.labels,
    }
