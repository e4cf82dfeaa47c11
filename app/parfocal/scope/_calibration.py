"""A projector's calibration: find it from spots, keep it in a file, turn masks into its images.

Whoever calibrates shows one spot after the other and says where the camera saw it (`spot_centre`);
`calibration_of` makes an affine map of the pairs, of which some may be wrong.
"""

import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from parfocal._yaml_text import yaml_text
from parfocal.scope._errors import MicroscopeError

__all__ = [
    "FEWEST_SPOTS",
    "LARGEST_RESIDUAL_PX",
    "Calibration",
    "CalibrationRefused",
    "SeenSpot",
    "calibration_of",
    "read_calibration",
    "spot_centre",
    "write_calibration",
]

LARGEST_RESIDUAL_PX = 5.0
FEWEST_SPOTS = 4
# how far a spot has to stand out of the noise to be one
CONTRAST = 8.0
WINDOW = 20  # pixels around its brightest one in which its middle is sought
TRIALS = 500
NARROWEST = 20.0  # pixels across which spots must lie to say how the projector lies

Pair = tuple[float, float]
Row = tuple[float, float, float]
Shape = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]


class SeenSpot(BaseModel):
    """Where in the picture (row, column) the camera saw a spot, and what the fit made of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Pair
    off_px: float | None = None
    """How far from where the calibration has it; None where there is no calibration."""
    used: bool = False


class CalibrationRefused(MicroscopeError):  # noqa: N818 - what happened
    """The spots make no calibration; the sentence says what to do, `seen` is what there was."""

    def __init__(self, sentence: str, seen: Sequence[SeenSpot]) -> None:
        super().__init__(sentence)
        self.seen = tuple(seen)


class Calibration(BaseModel):
    """Where in the camera's picture each mirror of a projector lights: `camera = matrix · mirror`.

    Rows and columns, from 0 at the middle of the first pixel. It holds for one size of picture.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    matrix: tuple[Row, Row]
    """Row and column in the picture, from (row, column, 1) of the projector."""
    camera: Shape
    """Rows and columns of the picture."""
    projector: Shape
    residual_px: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    spots: int
    spots_used: int
    date: datetime
    region: tuple[int, int, int, int] | None = None
    """The part of the chip that was read (x, y, width, height); None: not known, as below."""
    binning: int | None = None
    objective: str = ""
    seen: tuple[SeenSpot, ...] = ()

    def image_of(self, mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """What the projector has to show so that light falls where the mask is True."""
        if mask.shape != self.camera:
            raise MicroscopeError(
                f"The projector was calibrated for pictures of {self.camera[1]} × "
                f"{self.camera[0]} pixels, and the mask has {mask.shape[1]} × {mask.shape[0]}; "
                "calibrate it anew with this region and binning."
            )
        from scipy.ndimage import affine_transform

        matrix = np.array(self.matrix)
        image: NDArray[np.uint8] = affine_transform(
            mask.astype(np.uint8) * np.uint8(255),
            matrix[:, :2],
            offset=matrix[:, 2],
            output_shape=self.projector,
            order=0,
        )
        return image


class _File(Calibration):
    kind: Literal[1] = Field(alias="parfocal-projector")


def spot_centre(lit: NDArray[Any], dark: NDArray[Any], noise: float | None = None) -> Pair | None:
    """The middle (row, column) of the spot that is in one picture and not in the other.

    A Gaussian is laid through what is around the brightest place; None where no spot stands out.
    """
    from scipy.ndimage import gaussian_filter
    from scipy.optimize import least_squares

    difference = gaussian_filter(lit.astype(np.float32) - dark.astype(np.float32), 2.0)
    row, column = map(int, np.unravel_index(int(difference.argmax()), difference.shape))
    middle = float(np.median(difference))
    spread = noise or 1.4826 * float(np.median(np.abs(difference - middle))) + 1e-6
    peak = float(difference[row, column])
    if peak - middle < CONTRAST * spread:
        return None
    top, left = max(0, row - WINDOW), max(0, column - WINDOW)
    part = difference[top : row + WINDOW + 1, left : column + WINDOW + 1].astype(float)
    rows, columns = np.indices(part.shape)

    def misfit(guess: NDArray[np.float64]) -> NDArray[np.float64]:
        height, y, x, width, ground = guess
        bell = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * width**2))
        return np.asarray(ground + height * bell - part).ravel()

    start = np.array([peak - middle, row - top, column - left, 4.0, middle])
    fitted = least_squares(misfit, start, method="lm", max_nfev=200)
    _, y, x, width, _ = fitted.x
    inside = 0 <= y < part.shape[0] and 0 <= x < part.shape[1] and 0.5 < abs(width) < WINDOW
    return (top + float(y), left + float(x)) if inside else None


def calibration_of(
    pairs: Sequence[tuple[Pair, Pair]],
    *,
    camera: tuple[int, int],
    projector: tuple[int, int],
    spots: int,
) -> Calibration:
    """The calibration from pairs of (where the spot was shown, where it was seen).

    Pairs that do not fit the others (a speck, a reflection) are left out; refused where fewer than
    four agree, or where those are off by more than 5 pixels.
    """
    unfitted = [SeenSpot(place=place) for _, place in pairs]
    if len(pairs) < FEWEST_SPOTS:
        raise CalibrationRefused(
            f"Only {len(pairs)} of {spots} spots of the projector were seen, and "
            f"{FEWEST_SPOTS} are needed; look at its light path, the shutter and the exposure, or "
            "read a larger region of the chip: spots lie in the middle half of the projector.",
            unfitted,
        )
    from skimage.measure import ransac
    from skimage.transform import AffineTransform

    shown = np.array([pair[0] for pair in pairs])
    seen = np.array([pair[1] for pair in pairs])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that none agree is said below
        model, used = ransac(
            (shown, seen),
            AffineTransform,
            min_samples=3,
            residual_threshold=LARGEST_RESIDUAL_PX,
            max_trials=TRIALS,
            rng=0,
        )
    agree = 0 if used is None else int(used.sum())
    if model is None or not model or agree < FEWEST_SPOTS:
        raise CalibrationRefused(
            f"Only {agree} of {len(pairs)} spots that were seen agree on where the projector "
            f"lies, to {LARGEST_RESIDUAL_PX:g} pixels, and {FEWEST_SPOTS} are needed; look for "
            "reflections and for what moves in the picture, and calibrate again.",
            unfitted,
        )
    if float(np.ptp(seen[used], axis=0).min()) < NARROWEST:
        raise CalibrationRefused(
            "The spots of the projector were all seen at one place, so that something else was "
            "seen; look at its light path, the shutter and the exposure, or read a larger region "
            "of the chip.",
            unfitted,
        )
    off = model.residuals(shown, seen)
    residual = float(np.sqrt((off[used] ** 2).mean()))
    matrix = np.asarray(model.params)[:2]
    return Calibration(
        matrix=(_row(matrix[0]), _row(matrix[1])),
        camera=camera,
        projector=projector,
        residual_px=round(residual, 4),
        spots=spots,
        spots_used=agree,
        date=datetime.now(UTC).replace(microsecond=0),
        seen=tuple(
            SeenSpot(place=_pair(place), off_px=round(float(far), 3), used=bool(kept))
            for place, far, kept in zip(seen, off, used, strict=True)
        ),
    )


def read_calibration(path: Path) -> Calibration:
    """Read a calibration's file; one that is none is refused with its path."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        read = _File.model_validate(values)
    except FileNotFoundError:
        raise MicroscopeError(
            f"There is no calibration of the projector at {path}; calibrate it."
        ) from None
    except OSError as error:
        raise MicroscopeError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValidationError, yaml.YAMLError, ValueError) as error:
        raise MicroscopeError(
            f"{path} is no calibration of a projector; calibrate it again."
        ) from error
    return Calibration.model_validate(read.model_dump(exclude={"kind"}))


def write_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration's file, whole or not at all."""
    text = yaml_text({"parfocal-projector": 1, **calibration.model_dump(mode="json")})
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise MicroscopeError(f"{path} cannot be written: {error.strerror}.") from error


def _pair(values: NDArray[np.float64]) -> Pair:
    row, column = (round(float(value), 3) for value in values)
    return row, column


def _row(values: NDArray[np.float64]) -> Row:
    first, second, third = (float(value) for value in values)
    return first, second, third
