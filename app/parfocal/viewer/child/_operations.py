"""Do what the parent asks of the window, and answer."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from qtpy.QtCore import QTimer

from parfocal import ParfocalError
from parfocal.store import Index
from parfocal.viewer._chosen_fields import open_store
from parfocal.viewer._errors import ViewerError
from parfocal.viewer._link import Link
from parfocal.viewer._source import PlaneSource
from parfocal.viewer.child._arrangement import MOST_LAYERS, LayerKey
from parfocal.viewer.child._draw import NextDraw, Then
from parfocal.viewer.child._exercise import exercise
from parfocal.viewer.child._live import attach
from parfocal.viewer.child._stage import Stage
from parfocal.viewer.child._store_extras import StoreExtras

Values = dict[str, Any]
_PARTS = (50, 95, 99)

_READS_S = 20
_LOOK_MS = 20


@dataclass(frozen=True)
class Answer:
    """Sends what one request came to, or in a sentence why it came to nothing."""

    link: Link
    number: Any

    def __call__(self, result: Values) -> None:
        self.link.send({"id": self.number, "result": result})

    def refuse(self, sentence: str) -> None:
        """For what fails after a draw: nobody is there any more to raise to."""
        self.link.send({"id": self.number, "error": sentence})


class Operations:
    """The verbs of a viewer's control pipe. An answer may come later: after the next draw."""

    def __init__(self, stage: Stage, draw: NextDraw, link: Link, extras: StoreExtras) -> None:
        self._stage = stage
        self._draw = draw
        self._link = link
        self._operations: dict[str, Callable[[Values, Answer], None]] = {
            "show_plane": self._show_plane,
            "displayed": self._displayed,
            "settle": self._settle,
            "shot": self._shot,
            "theme": self._theme,
            "follow": self._follow,
            "ages": self._ages,
            "raise": self._raise,
            "components": self._components,
            "show": self._show,
            "close": self._close,
            "results": lambda _, answer: answer(extras.results()),
            "keyframe": lambda values, answer: answer(extras.keyframe(values)),
            "exercise": self._exercise,
        }

    def perform(self, message: Values) -> None:
        """Do one request and send its answer or, in a sentence, why not."""
        op, values = message.get("op"), message.get("values")
        answer = Answer(self._link, message.get("id"))
        try:
            if op not in self._operations:
                known = ", ".join(self._operations)
                raise ViewerError(f"the viewer knows no operation {op!r}; it knows {known}")
            self._operations[op](values if isinstance(values, dict) else {}, answer)
        except (ParfocalError, OSError, ValueError, TypeError, KeyError, ArithmeticError) as error:
            answer.refuse(str(error) or type(error).__name__)

    def _show_plane(self, values: Values, answer: Answer) -> None:
        self._stage.follow(following=False)
        self._stage.go_to(
            **{axis: int(values[axis]) for axis in ("t", "p", "c", "z") if axis in values}
        )
        self._settle(values, answer)

    def _settle(self, _: Values, answer: Answer) -> None:
        self._when_read(
            lambda drawn: answer({"displayed": self._stage.coordinates(), "drawn": drawn})
        )

    def _when_read(self, then: Then, left: int = _READS_S * 1000 // _LOOK_MS) -> None:
        """After the next draw with every plane on screen, however slow the disk is."""
        if not self._stage.scene.reading or left <= 0:
            self._draw.then(then)
        else:
            QTimer.singleShot(_LOOK_MS, lambda: self._when_read(then, left - 1))

    def _displayed(self, values: Values, answer: Answer) -> None:
        channel = values.get("channel")
        folder = Path(values["folder"]) if "folder" in values else None
        layers = [
            self._describe(number, *one, folder)
            for number, one in enumerate(self._stage.on_screen())
            if channel in (None, one[0].channel, one[1].name)
        ]
        answer(
            {
                "coordinates": self._stage.coordinates(),
                "text": self._stage.text,
                "layers": layers,
                **self._stage.counters(),
            }
        )

    def _describe(
        self, number: int, key: LayerKey, layer: Any, index: Index | None, folder: Path | None
    ) -> Values:
        pixels = self._stage.scene.layers.pixels(key)
        place = (
            self._stage.coordinates() if index is None else dict(zip("tpcz", index, strict=True))
        )
        described: Values = {
            "name": layer.name,
            "of": key.as_json(),
            "visible": bool(layer.visible),
            "coordinates": place,
            "acquired": self._stage.scene.acquired(index),
            "shape": list(pixels.shape),
            "dtype": str(pixels.dtype),
            "levels": len(layer.level_shapes),
            "scale": [float(step) for step in layer.scale],
            "translate": [float(start) for start in layer.translate],
            "contrast": [float(limit) for limit in layer.contrast_limits],
            "mean": float(pixels.mean()),
            "max": float(pixels.max()),
            "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        }
        if folder is not None:
            described["npy"] = str(folder / f"layer-{number}.npy")
            np.save(described["npy"], pixels)
        return described

    def _components(self, values: Values, answer: Answer) -> None:
        modes = {name: mode for name, mode in values.items() if name != "most"}
        if modes:
            components = self._stage.scene.components.changed(modes)
            self._stage.arrange(components, int(values.get("most", MOST_LAYERS)))
        answer(
            {
                "components": self._stage.scene.components.as_json(),
                "layers": len(self._stage.on_screen()),
            }
        )

    def _show(self, values: Values, answer: Answer) -> None:
        path, keep = Path(values["store"]), bool(values.get("keep", False))
        opening: Future[tuple[PlaneSource, bool]] = Future()

        def open_beside() -> None:
            try:
                opening.set_result(open_store(path, values.get("fields")))
            except (ParfocalError, OSError, ValueError) as problem:
                opening.set_exception(problem)

        def show() -> None:
            if not opening.done():
                QTimer.singleShot(_LOOK_MS, show)
            elif problem := opening.exception():
                answer.refuse(str(problem))
            else:
                source, chosen = opening.result()
                live = None if chosen else values.get("live")
                ring = attach(live) if live else None
                self._stage.show(source, ring, keep=keep)
                self._settle(values, answer)

        # A plate on a slow disk takes seconds to open, and the window goes on meanwhile.
        Thread(target=open_beside, name="viewer-open", daemon=True).start()
        show()

    def _shot(self, values: Values, answer: Answer) -> None:
        path = Path(values["path"])

        def save(drawn: bool) -> None:
            picture = self._stage.picture()
            if not picture.save(str(path), "PNG"):
                answer.refuse(f"the picture {path} cannot be written")
                return
            answer(
                {
                    "path": str(path),
                    "width": picture.width(),
                    "height": picture.height(),
                    "drawn": drawn,
                }
            )

        if not path.parent.is_dir():
            raise ViewerError(f"the picture {path} cannot be written: there is no such folder")
        # Overlays are laid out by one draw and drawn right by the next.
        self._when_read(lambda _: self._draw.then(save))

    def _theme(self, values: Values, answer: Answer) -> None:
        self._stage.wear(dark=bool(values["dark"]))
        answer({"dark": bool(values["dark"])})

    def _follow(self, values: Values, answer: Answer) -> None:
        following = bool(values.get("on", True))
        self._stage.follow(following=following)
        answer({"following": following})

    def _raise(self, _: Values, answer: Answer) -> None:
        window = self._stage.viewer.window._qt_window
        window.raise_()
        window.activateWindow()
        answer({})

    def _ages(self, _: Values, answer: Answer) -> None:
        answer(
            {
                which: {"count": len(ages), "ms": [float(ms) for ms in np.percentile(ages, _PARTS)]}
                for which, ages in self._stage.take_ages_ms().items()
                if ages
            }
        )

    def _exercise(self, values: Values, answer: Answer) -> None:
        viewer, say = self._stage.viewer, lambda said: answer({"said": said})
        exercise(str(values.get("what")), viewer, self._draw, say, answer.refuse)

    def _close(self, _: Values, answer: Answer) -> None:
        answer({})
        self._stage.leave()
