"""Make the foreign data that the pictures of the wizard show: what a lab has lying about."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorstore as ts
import tifffile

SHAPE = (24, 256, 320)  # z, y, x
TILES = (1, 3, 3)  # of the experiment, so that bringing it in lasts long enough to be seen
ROWS = [
    ["X", "Y", "Z", "THETA", "F"],
    *([1250.0 + 640 * n, -310.5, 812.0, 0, 55.0] for n in range(4)),
]
CHANNELS = ("488nm", "561nm")


def nuclei(seed: int, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """A stack of round bright things on a dim ground."""
    rng = np.random.default_rng(seed)
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    picture = np.full(shape, 110.0)
    for _ in range(45):
        at = rng.uniform(0, 1, 3) * shape
        radius = rng.uniform(7, 14)
        far = ((z - at[0]) * 2) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2
        picture += rng.uniform(400, 2600) * np.exp(-far / radius**2)
    return rng.poisson(picture).astype("u2")


def write_view(root: Path, setup: int, pixels: np.ndarray | None) -> None:
    """One view of an N5 as BigDataViewer has it; a placeholder has attributes and no block."""
    array = ts.open(
        {
            "driver": "n5",
            "kvstore": {"driver": "file", "path": f"{root}/setup{setup}/timepoint0/s0/"},
            "metadata": {
                "compression": {"type": "gzip"},
                "dataType": "uint16",
                "dimensions": list(reversed(np.multiply(SHAPE, TILES).tolist())),
                "blockSize": [128, 128, 4],
            },
        },
        create=True,
    ).result()
    if pixels is not None:
        array[...] = np.tile(pixels, TILES).transpose()


def write_experiment(folder: Path) -> Path:
    """Of four positions the third is a placeholder; in the last one the run was stopped."""
    folder.mkdir(parents=True)
    camera = {"fov_x": 624.0, "fov_y": 499.2, "img_x_pixels": 960, "img_y_pixels": 768}
    lasers = {
        f"channel_{n}": {"is_selected": True, "laser": name} for n, name in enumerate(CHANNELS, 1)
    }
    told = {
        "Saving": {
            "root_directory": "E:\\Data",
            "save_directory": f"\\\\rig-2\\data\\Mouse\\{folder.name}",
            "file_type": "N5",
        },
        "MicroscopeState": {
            "microscope_name": "Mesoscale",
            "step_size": -2.5,
            "number_z_steps": SHAPE[0],
            "timepoints": 1,
            "is_multiposition": True,
            "channels": lasers,
        },
        "CameraParameters": {"Mesoscale": camera},
        "MultiPositions": ROWS,
    }
    (folder / "experiment.yml").write_text(json.dumps(told, indent=2))
    data = folder / "CH00_000000.n5"
    count = len(ROWS) - 1
    for channel in range(len(CHANNELS)):
        for position in range(count):
            stopped = (channel, position) == (1, count - 1)
            taken = position != 2 and not stopped
            write_view(
                data, channel * count + position, nuclei(position + 9 * channel) if taken else None
            )
    return folder


def write_all(folder: Path) -> list[Path]:
    """What is dropped: an experiment, an array without a word, a TIFF, and what is no image."""
    folder.mkdir(parents=True)
    experiment = write_experiment(folder / "Cell_004")
    stack = folder / "denoised.npy"
    np.save(stack, np.stack([nuclei(31), nuclei(32)]))
    tiff = folder / "overview.tif"
    tifffile.imwrite(
        tiff, nuclei(40, (6, 256, 320)), imagej=True, metadata={"axes": "ZYX", "unit": "um"},
        resolution=(1 / 0.65, 1 / 0.65),
    )  # fmt: skip
    notes = folder / "notes.docx"
    notes.write_bytes(b"PK\x03\x04 what a word processor writes")
    return [experiment, stack, tiff, notes]
