"""BigDataViewer experiments: XML by hand from the format's description, pixels by h5py and N5."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np
import tensorstore as ts

SHAPE = (5, 30, 40)  # z, y, x
VOXEL = (2.5, 0.2, 0.1)


def view(setup: int, timepoint: int, level: int = 0) -> np.ndarray:
    """The pixels of a view: never the same twice."""
    step = 2**level
    rng = np.random.default_rng([setup, timepoint])
    return rng.integers(0, 60_000, SHAPE, dtype="u2")[:, ::step, ::step]


def xml(
    data: str,
    setups: int,
    channels: int,
    timepoints: int,
    *,
    kind: str = "hdf5",
    z_step: float = VOXEL[0],
    names: Iterable[str] = ("488", "561"),
) -> str:
    """Setups count channel by channel, as Navigate does; tiles lie 100 µm apart along x."""
    tiles = setups // channels
    parts, registrations = [], []
    for setup in range(setups):
        channel, tile = divmod(setup, tiles)
        parts.append(
            f"<ViewSetup><id>{setup}</id><name>{setup}</name>"
            f"<size>{SHAPE[2]} {SHAPE[1]} {SHAPE[0]}</size><voxelSize><unit>um</unit>"
            f"<size>{VOXEL[2]} {VOXEL[1]} {z_step}</size></voxelSize><attributes>"
            f"<illumination>0</illumination><channel>{channel}</channel><tile>{tile}</tile>"
            "<angle>0</angle></attributes></ViewSetup>"
        )
        for timepoint in range(timepoints):
            shift = f"1 0 0 {tile * 100 / VOXEL[2]} 0 1 0 0 0 0 1 {4 / VOXEL[0]}"
            registrations.append(
                f'<ViewRegistration timepoint="{timepoint}" setup="{setup}"><ViewTransform '
                f'type="affine"><Name>grid</Name><affine>{shift}</affine></ViewTransform>'
                "</ViewRegistration>"
            )
    entries = "".join(
        f"<Channel><id>{n}</id><name>{name}</name></Channel>" for n, name in enumerate(names)
    )
    return (
        '<?xml version="1.0"?><SpimData version="0.2"><BasePath type="relative">.</BasePath>'
        f'<SequenceDescription><ImageLoader format="bdv.{kind}"><{kind} type="relative">{data}'
        f"</{kind}></ImageLoader><ViewSetups>{''.join(parts)}"
        f'<Attributes name="channel">{entries}</Attributes></ViewSetups>'
        f'<Timepoints type="range"><first>0</first><last>{timepoints - 1}</last></Timepoints>'
        f"</SequenceDescription><ViewRegistrations>{''.join(registrations)}</ViewRegistrations>"
        "</SpimData>"
    )


def write_hdf5(path: Path, views: Iterable[tuple[int, int]], *, placeholder: bool = True) -> None:
    """Views (setup, timepoint) in two levels; the others are placeholders without a chunk."""
    written = set(views)
    setups = 1 + max(setup for setup, _ in written)
    timepoints = 1 + max(timepoint for _, timepoint in written)
    with h5py.File(path, "w") as file:
        for setup in range(setups):
            file[f"s{setup:02}/resolutions"] = np.array([[1, 1, 1], [2, 2, 1]], "f8")
            for timepoint in range(timepoints):
                for level in range(2):
                    data = view(setup, timepoint, level)
                    name = f"t{timepoint:05}/s{setup:02}/{level}/cells"
                    if (setup, timepoint) in written:
                        # signed, as BDV's own writer says it
                        file.create_dataset(
                            name,
                            data=data.view("i2"),
                            chunks=(1, *data.shape[1:]),
                            compression="gzip",
                        )
                    elif placeholder:
                        file.create_dataset(
                            name, shape=data.shape, dtype="i2", chunks=(1, *data.shape[1:])
                        )


def write_n5(path: Path, views: Iterable[tuple[int, int]], setups: int, timepoints: int) -> None:
    """The same as N5, x first; a placeholder has attributes and no block."""
    written = set(views)
    for setup in range(setups):
        for timepoint in range(timepoints):
            data = view(setup, timepoint).transpose()
            folder = path / f"setup{setup}" / f"timepoint{timepoint}" / "s0"
            array = ts.open(
                {
                    "driver": "n5",
                    "kvstore": {"driver": "file", "path": f"{folder}/"},
                    "metadata": {
                        "compression": {"type": "gzip"},
                        "dataType": "uint16",
                        "dimensions": list(data.shape),
                        "blockSize": [16, 16, 2],
                    },
                },
                create=True,
            ).result()
            if (setup, timepoint) in written:
                array[...] = data
