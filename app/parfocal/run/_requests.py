"""Turn a step of the schedule into the event that goes out, with its tag and its light."""

from typing import Any

from numpy.typing import NDArray
from useq import MDAEvent
from useq import SLMImage as ProjectorImage

from parfocal.plan import Step
from parfocal.scope import FrameTag, Microscope

__all__ = ["Requests"]


class Requests:
    """Makes the events of one run.

    What a step says of a light's power is for that step: the next one that says nothing gets the
    light as it was before the run, or as the preset of its channel has it.
    """

    def __init__(self, microscope: Microscope) -> None:
        self._microscope = microscope
        self._before = {
            (light.device, light.property): str(
                microscope.core.getProperty(light.device, light.property)
            )
            for light in microscope.limits.power
        }
        self._changed: set[tuple[str, str]] = set()

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
            self._changed |= {(device, name) for device, name, _ in settings}
            update["properties"] = [*(step.request.properties or ()), *settings]
        elif self._changed and step.index is not None and (left := self._as_left(step)):
            update["properties"] = [*left, *(step.request.properties or ())]
        if "t" in step.request.index and step.index is not None:
            update["index"] = {**step.request.index, "t": step.index.t}
        return step.request.model_copy(update=update)

    def _as_left(self, step: Step) -> list[tuple[str, str, str]]:
        """The powers that another step changed, as this one would find them without it."""
        limits, channel = self._microscope.limits, step.request.channel
        found = []
        for light in limits.power:
            device, name = place = light.device, light.property
            if place not in self._changed or (channel and not light.serves(channel.config)):
                continue
            value = self._before[place]
            if channel is not None:
                preset = self._microscope.core.getConfigData(channel.group, channel.config)
                if preset.isPropertyIncluded(device, name):
                    value = str(preset.getSetting(device, name).getPropertyValue())
            if not limits.against_property(device, name, value):
                found.append((device, name, value))
        return found
