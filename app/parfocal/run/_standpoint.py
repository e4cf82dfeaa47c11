"""Where a plan is laid out: what the camera sees, and where the stage stood at the start."""

from collections.abc import Iterable
from dataclasses import dataclass

from parfocal.plan import Experiment, Field, Schedule, compile_schedule
from parfocal.scope import CameraFacts, Microscope, StagePosition
from parfocal.store import FieldInfo

__all__ = ["Standpoint", "schedule_for"]


@dataclass(frozen=True)
class Standpoint:
    """The camera and the place that relative plans, grids and open axes refer to."""

    camera: CameraFacts
    stage: StagePosition

    @classmethod
    def of(cls, microscope: Microscope) -> "Standpoint":
        """As the microscope stands now."""
        return cls(microscope.camera(), microscope.stage())

    @property
    def view_um(self) -> tuple[float, float] | None:
        """Width and height that the camera sees; None where the pixel size is not known."""
        camera = self.camera
        if camera.pixel_size_um <= 0:
            return None
        return camera.width * camera.pixel_size_um, camera.height * camera.pixel_size_um

    @property
    def stage_um(self) -> tuple[float, float, float]:
        """x, y and z of the stage."""
        return self.stage.x, self.stage.y, self.stage.z

    @property
    def pixel_um(self) -> float:
        """The size of a pixel; 1 µm where it is not known."""
        return self.camera.pixel_size_um if self.camera.pixel_size_um > 0 else 1.0

    def field_infos(self, fields: Iterable[Field]) -> list[FieldInfo]:
        """The fields as the store is told of them."""
        return [FieldInfo(field.name, self._origin(field), field.well) for field in fields]

    def _origin(self, place: Field) -> tuple[float, float, float]:
        """Where the middle of a field's first pixel lies (z, y, x), which is what NGFF asks for.

        A plan's position is where the stage stands, and there is the middle of the picture. An
        axis that the plan leaves open is where the stage stood.
        """
        camera, stage = self.camera, self.stage
        x = stage.x if place.x is None else place.x
        y = stage.y if place.y is None else place.y
        return (
            stage.z if place.z is None else place.z,
            y - (camera.height - 1) / 2 * self.pixel_um,
            x - (camera.width - 1) / 2 * self.pixel_um,
        )


def schedule_for(experiment: Experiment, microscope: Microscope) -> Schedule:
    """Compile an experiment for this microscope's field of view and where its stage stands."""
    here = Standpoint.of(microscope)
    return compile_schedule(experiment, field_of_view_um=here.view_um, stage_um=here.stage_um)
