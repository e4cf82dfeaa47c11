"""Do what the parent asks of the window, and answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parfocal.viewer._errors import ViewerError
from parfocal.viewer._link import Link
from parfocal.viewer.child._draw import NextDraw
from parfocal.viewer.child._stage import Stage

Values = dict[str, Any]


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

    def __init__(self, stage: Stage, draw: NextDraw, link: Link) -> None:
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
            "raise": self._raise,
            "close": self._close,
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
        except (ViewerError, OSError, ValueError, TypeError, KeyError, ArithmeticError) as error:
            answer.refuse(str(error) or type(error).__name__)

    def _show_plane(self, values: Values, answer: Answer) -> None:
        self._stage.follow(following=False)
        self._stage.go_to(**{axis: int(values[axis]) for axis in ("t", "p", "z") if axis in values})
        self._settle(values, answer)

    def _settle(self, _: Values, answer: Answer) -> None:
        self._draw.then(
            lambda drawn: answer({"displayed": self._stage.coordinates(), "drawn": drawn})
        )

    def _displayed(self, values: Values, answer: Answer) -> None:
        channel = values.get("channel")
        folder = Path(values["folder"]) if "folder" in values else None
        layers = [
            self._describe(number, layer, folder)
            for number, layer in self._stage.channel_layers().items()
            if channel in (None, number, layer.name)
        ]
        answer(
            {
                "coordinates": self._stage.coordinates(),
                "text": self._stage.text,
                "layers": layers,
                **self._stage.counters(),
            }
        )

    def _describe(self, channel: int, layer: Any, folder: Path | None) -> Values:
        pixels: NDArray[Any] = np.ascontiguousarray(layer._slicing_state._slice.image.raw)
        place = self._stage.coordinates() | {"c": channel}
        described: Values = {
            "name": layer.name,
            "visible": bool(layer.visible),
            "coordinates": place,
            "acquired": self._stage.acquired(channel),
            "shape": list(pixels.shape),
            "dtype": str(pixels.dtype),
            "scale": [float(step) for step in layer.scale],
            "contrast": [float(limit) for limit in layer.contrast_limits],
            "mean": float(pixels.mean()),
            "max": float(pixels.max()),
            "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        }
        if folder is not None:
            described["npy"] = str(folder / f"channel-{channel}.npy")
            np.save(described["npy"], pixels)
        return described

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
        self._draw.then(lambda _: self._draw.then(save))

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

    def _close(self, _: Values, answer: Answer) -> None:
        answer({})
        self._stage.leave()
