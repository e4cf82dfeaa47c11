"""Check a store strictly: its metadata, its files, and what it says about its own planes."""

from collections.abc import Iterator
from pathlib import Path

from parfocal.store._check_files import check_files
from parfocal.store._check_frames import check_frames
from parfocal.store._check_groups import Group, joined, judge_groups, walk_groups
from parfocal.store._check_labels import check_label_lists, check_labels, label_paths
from parfocal.store._check_metadata import check_images
from parfocal.store._check_pixels import Expected, check_array, decode_array
from parfocal.store._check_plate import check_plates
from parfocal.store._check_provenance import check_extras
from parfocal.store._check_record import Story, check_record
from parfocal.store._check_results import check_results
from parfocal.store._check_schema import kinds_of
from parfocal.store._check_validators import check_with_validators
from parfocal.store._errors import StoreError
from parfocal.store._findings import CheckReport, Finding
from parfocal.store._layout import whole_path
from parfocal.store._ngff import Image, find_images, read_image, refuse_no_store
from parfocal.store._progress import Between, go_on


def check(path: Path | str, deep: bool = False, *, between: Between = go_on) -> CheckReport:
    """Check the store at `path`; `deep` decodes every chunk. `between` is called before each
    array, and before each chunk that is decoded."""
    root = whole_path(path)
    try:
        findings = tuple(dict.fromkeys(_findings(root, deep=deep, between=between)))
    except OSError as problem:  # a folder that may not be entered, or that vanished meanwhile
        where = problem.filename or root
        raise StoreError(f"{where} cannot be read: {problem.strerror or problem}") from problem
    return CheckReport(not any(found.severity == "error" for found in findings), findings)


def _findings(root: Path, *, deep: bool, between: Between) -> Iterator[Finding]:
    refuse_no_store(root)
    try:
        groups = walk_groups(root)
    except StoreError as problem:
        yield Finding(".", "metadata", "error", str(problem), "restore the metadata from a copy")
        return
    if not kinds_of(groups[0].ome):
        raise StoreError(f"{root} is a Zarr store, but holds no OME-Zarr image")
    yield from judge_groups(groups)
    yield from check_plates(root, groups)
    yield from check_label_lists(root, groups)
    yield from check_with_validators(root, groups)
    try:
        images = find_images(root)
        labels = _labels(root, groups)
    except StoreError as problem:
        yield Finding(".", "metadata", "error", str(problem), "restore the metadata from a copy")
        return
    if not images:
        message = "it holds no image at all"
        yield Finding(".", "no-image", "error", message, "restore the images from a copy")
        return
    yield from _check_contents(root, images, labels, deep=deep, between=between)
    yield from check_extras(root, deep=deep)
    yield from check_results(root, lambda below: _findings(below, deep=deep, between=between))


def _check_contents(
    root: Path,
    images: list[Image],
    labels: dict[str, list[Image]],
    *,
    deep: bool,
    between: Between,
) -> Iterator[Finding]:
    story = Story.read(root, images)
    yield from check_record(root, story)
    yield from check_images(images)
    yield from check_files(root, locks=story.state != "recording")
    if deep and story.record is not None and not story.problem:
        yield from check_frames(root, between)
    for image in images:
        wanted = story.expected(image.path)
        yield from _check_arrays(root, image, wanted, deep=deep, between=between)
        its_labels = labels.get(image.path, [])
        yield from check_images(its_labels)
        yield from check_labels(image, its_labels)
        for label in its_labels:
            # one without any object may well have no chunk
            expected = Expected("warning")
            yield from _check_arrays(root, label, expected, deep=deep, between=between)


def _check_arrays(
    root: Path, image: Image, expected: Expected, *, deep: bool, between: Between
) -> Iterator[Finding]:
    for number, level in enumerate(image.levels):
        between()
        if level.shape is None:
            continue
        path = joined(image.path, level.path)
        wanted = Expected(expected.chunks) if number else expected
        said = [*check_array(root, path, image, wanted)]
        if deep:
            said += decode_array(root, path, between)
        # files come as the file system lists them, and a report must not change from call to call
        yield from sorted(said, key=lambda finding: finding.path)


def _labels(root: Path, groups: list[Group]) -> dict[str, list[Image]]:
    """The label images of each image, by its path."""
    found: dict[str, list[Image]] = {}
    for group in groups:
        if "labels" not in group.ome:
            continue
        image = group.path.removesuffix("labels").removesuffix("/")
        try:
            read = [read_image(root, path) for path in label_paths(group)]
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            message = f"the NGFF metadata of {root / group.path} make no sense: {problem!r}"
            raise StoreError(message) from problem
        found[image] = [label for label in read if label is not None]
    return found
