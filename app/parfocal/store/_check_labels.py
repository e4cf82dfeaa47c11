"""Compare label images with the list of them and with the image that they label."""

import os
from collections.abc import Iterator
from pathlib import Path

from parfocal import counted
from parfocal.store._check_groups import CORRECT, Group, joined, listed
from parfocal.store._findings import Finding
from parfocal.store._layout import is_store
from parfocal.store._ngff import Image, read_ome

INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
RESTORE = "restore the folder from a copy, or take it off the list"


def label_paths(group: Group) -> list[str]:
    """The label images that a group named labels lists."""
    return [joined(group.path, name) for name in listed(group, "labels")]


def check_label_lists(root: Path, groups: list[Group]) -> Iterator[Finding]:
    """Label images that are listed and absent, or there and not listed."""
    known = {group.path: group for group in groups}
    for group in groups:
        if "multiscales" not in group.ome:
            continue
        path = joined(group.path, "labels")
        names = listed(known[path], "labels") if path in known else []
        for name in names:
            label = known.get(joined(path, name))
            if label is None or "multiscales" not in label.ome:
                message = "it is listed as a label image, but there is none"
                yield Finding(joined(path, name), "label-missing", "error", message, RESTORE)
        for found in _images_below(root / path):
            name = found.relative_to(root / path).as_posix()
            if name not in names:
                message = "this label image is there, but not listed, so no reader shows it"
                fix = f"add it to the labels of {path}"
                yield Finding(joined(path, name), "label-unlisted", "warning", message, fix)


def check_labels(image: Image, labels: list[Image]) -> Iterator[Finding]:
    """Label images that do not fit the image which they label."""
    for label in labels:
        for level in label.levels:
            if level.dtype is not None and level.dtype not in INTEGERS:
                message = f"its pixels are {level.dtype}; those of a label are integers"
                path = joined(label.path, level.path)
                yield Finding(path, "label-dtype", "error", message, CORRECT)
        if len(label.levels) != len(image.levels):
            message = f"it has {counted(len(label.levels), 'level')}, its image {len(image.levels)}"
            yield Finding(label.path, "label-levels", "error", message, CORRECT)
        wrong = _differing(image, label)
        if wrong:
            message = "its size is not that of its image: " + ", ".join(wrong)
            yield Finding(label.path, "label-shape", "error", message, CORRECT)


def _differing(image: Image, label: Image) -> list[str]:
    """Along which axes a label has another size; channels may share one label."""
    theirs, ours = _sizes(image), _sizes(label)
    if not theirs or not ours:
        return []
    axes = [axis.name for axis in image.axes] + [name for name in ours if name not in theirs]
    channels = {axis.name for axis in (*image.axes, *label.axes) if axis.type == "channel"}
    return [
        f"{name} {ours.get(name, 1)} for {theirs.get(name, 1)}"
        for name in axes
        if ours.get(name, 1) != theirs.get(name, 1)
        and not (name in channels and ours.get(name, 1) == 1)
    ]


def _sizes(image: Image) -> dict[str, int]:
    shape = image.levels[0].shape if image.levels else None
    return dict(zip((axis.name for axis in image.axes), shape or (), strict=False))


def _images_below(folder: Path) -> Iterator[Path]:
    """Label images may lie in folders of their own."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        folders = sorted(entry.name for entry in entries if entry.is_dir())
    for name in folders:
        path = folder / name
        if (path / ".zarray").is_file():
            continue
        if is_store(path) and "multiscales" in read_ome(path):
            yield path
        else:
            yield from _images_below(path)
