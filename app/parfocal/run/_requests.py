"""Turn a step of the schedule into the event that goes out, with its tag and its light."""

from typing import Any

from numpy.typing import NDArray
from useq import MDAEvent
from useq import SLMImage as ProjectorImage

from parfocal.plan import Step
from parfocal.scope import FrameTag, Microscope

__all__ = ["Requests"]


class Requests:
    """Makes the events of one run."""

    def __init__(self, microscope: Microscope) -> None:
        self._microscope = microscope

    def lit(self, step: Step, image: NDArray[Any]) -> MDAEvent:
        """The event of a stimulation, for which the projector shows this image."""
        return self.tagged(step).model_copy(update={"slm_image": ProjectorImage(data=image)})

    def tagged(self, step: Step) -> MDAEvent:
        """The step's event; its tag says where its frame belongs."""
        assert step.event is not None  # waits and holds ask nothing of the hardware
        # an autofocus makes no frame; its tag says where it stands, and its index is not used
        index = step.index if step.index is not None else (0, 0, 0, 0)
        tag = FrameTag(index, step.kind, step.event, step.ordinal)
        update: dict[str, Any] = {"metadata": {"parfocal": tag}}
        if step.power is not None and step.request.channel is not None:
            settings = self._microscope.limits.power_settings(
                step.request.channel.config, step.power
            )
            update["properties"] = [*(step.request.properties or ()), *settings]
        if "t" in step.request.index and step.index is not None:
            update["index"] = {**step.request.index, "t": step.index.t}
        return step.request.model_copy(update=update)
