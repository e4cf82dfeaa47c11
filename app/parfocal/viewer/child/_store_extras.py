"""Give a window what comes with its store: results over the picture, and key frames."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._keyframe_file import open_key_frames
from parfocal.viewer._result_watch import ResultWatch
from parfocal.viewer._store_source import StoreSource
from parfocal.viewer.child._field_tracks import FieldTracksLayer
from parfocal.viewer.child._keyframe_look import KEY
from parfocal.viewer.child._keyframes import KeyFrames
from parfocal.viewer.child._result_layers import ResultLayers
from parfocal.viewer.child._result_picture import ResultPicture
from parfocal.viewer.child._stage import Stage

Values = dict[str, Any]


class StoreExtras:
    """Results and key frames of the store that a window shows now.

    One that is far away has only key frames.
    """

    def __init__(self, stage: Stage, opening: Values) -> None:
        self._stage = stage
        self._scene = stage.scene
        named = opening.get("keyframes")
        self._results: ResultLayers | None = None
        self._begin(Path(named) if named else None)

    def poll(self) -> None:
        """Show results that are new; of another store when there is one now."""
        if self._stage.scene is not self._scene:
            self._scene = self._stage.scene
            self._leave()
            self._begin(None)
        if self._results is not None:
            self._results.poll()

    def catch_up(self) -> None:
        """Show what came for the plane on screen; for a regular call."""
        if self._results is not None and self._stage.scene is self._scene:
            self._results.show_arrived()

    def close(self) -> None:
        """Stop looking for results."""
        if self._results is not None:
            self._results.close()

    def results(self) -> Values:
        """The layers of results that are in the list."""
        layers = {} if self._results is None else self._results.shown()
        return {"layers": [_described(layer) for layer in layers.values()]}

    def keyframe(self, values: Values) -> Values:
        """Keep, drop or show a key frame, or step to another one."""
        frames, wanted = self._keyframes, values.get("do")
        actions: dict[Any, Callable[[], str]] = {
            "keep": frames.keep,
            "drop": frames.drop,
            "show": lambda: frames.show(int(values["number"])),
            "next": lambda: frames.step(1),
            "previous": lambda: frames.step(-1),
            "list": lambda: "",
        }
        if wanted not in actions:
            raise ViewerError(f"nobody can {wanted!r} a key frame; do {', '.join(actions)}")
        return {"said": actions[wanted](), **frames.as_json()}

    def _begin(self, named: Path | None) -> None:
        source, notices = self._scene.source, self._stage.notices
        store = source.path if isinstance(source, StoreSource) else None
        file = open_key_frames(named, store, source.facts.name)
        self._keyframes = KeyFrames(self._stage.viewer, file, notices)
        if store is not None:
            watch, picture = ResultWatch(store), ResultPicture(self._scene)
            self._results = ResultLayers(self._stage.viewer, picture, watch, notices)

    def _leave(self) -> None:
        if self._results is not None:
            self._results.close()
            self._results.take_away()
            self._results = None


def _described(layer: Any) -> Values:
    return {
        **_on_screen(layer),
        "key": layer.metadata[KEY],
        "name": layer.name,
        "kind": layer._type_string,
        "visible": bool(layer.visible),
        "scale": [float(number) for number in layer.scale],
        "translate": [float(number) for number in layer.translate],
        "levels": len(layer.data) if getattr(layer, "multiscale", False) else 1,
        "extent": np.asarray(layer.extent.world).tolist(),
    }


def _on_screen(layer: Any) -> Values:
    """How many objects of the plane on screen are drawn, or up to when how many tracks are."""
    if layer._type_string == "labels":
        drawn = np.asarray(layer._slicing_state._slice.image.raw)
        return {"objects": int(np.count_nonzero(np.unique(drawn)))}
    if isinstance(layer, FieldTracksLayer) and layer.field is not None:
        known = layer.data[layer.data[:, 1] <= layer.current_time]
        last = int(known[:, 1].max()) if len(known) else -1
        return {"objects": len(np.unique(known[:, 0])), "until": last}
    return {}
