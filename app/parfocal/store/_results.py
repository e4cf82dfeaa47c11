"""Make a derived result beside the pixels of a store, and publish it when it is complete."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Lock
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from parfocal.store._downsample import METHODS, Downsampling
from parfocal.store._errors import StoreError, cause
from parfocal.store._files import sync_to_disk, write_json
from parfocal.store._layout import EXTRAS, LATEST, LEGACY_RESULTS, RESULT_DATA, RESULTS, whole_path
from parfocal.store._metadata import group, timestamp
from parfocal.store._provenance import Content, Part, ProvenanceRecord, named, plain, record_in
from parfocal.store._provenance_identity import content_identity
from parfocal.store._results_arrays import create_array, open_array, write_planes_at
from parfocal.store._results_documents import (
    Described,
    ResultImage,
    collection_of,
    describe,
    group_documents,
)
from parfocal.store._results_levels import write_levels
from parfocal.store._results_names import accepted_name, new_run
from parfocal.store._results_place import latest_run, run_of
from parfocal.store._results_staging import Staged, clear_up
from parfocal.store._results_switch import put_in_place
from parfocal.store._results_values import write_values
from parfocal.store._store_lock import changing, require_own


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """A result in its place: its analysis and run, where its images and its values are."""

    analysis: str
    run: str
    images: str | None
    values: str | None
    record: ProvenanceRecord


def publish_result(
    store: Path | str,
    analysis: str,
    images: Sequence[ResultImage] = (),
    *,
    parameters: Mapping[str, Any] | None = None,
    code_version: str = "",
    inputs: Iterable[Part] | None = None,
    levels: Downsampling | None = None,
    run: str | None = None,
    tools: Mapping[str, str] | None = None,
) -> "ResultWriter":
    """Begin a result; leaving its `with` block publishes it, an error in the block removes it.

    `inputs` are the sources of the images where nothing else is said; their content is named now,
    before it is read, so that what changes meanwhile is not taken for what was analysed. `levels`
    says how coarser levels are made of the images, None for none.
    """
    root = whole_path(store)
    require_own(root)
    name = accepted_name(analysis, "an analysis", root / RESULTS)
    accepted_name(name, "an analysis", root / RESULT_DATA)
    if name.casefold() == LEGACY_RESULTS:
        raise StoreError(f"{name!r} is the place of older stores' results; choose another name")
    run = new_run(timestamp(), token_hex(3)) if run is None else run
    for folder in (root / RESULTS / name, root / RESULT_DATA / name):
        run = accepted_name(run, "a run", folder)
        newest = run_of(folder / LATEST) or ""
        if (folder / run).exists() or newest.casefold() == run.casefold():
            raise StoreError(f"{root} has a run {run!r} of {name!r} already: choose another name")
    if levels is not None and levels not in METHODS:
        raise StoreError(f"there is no downsampling {levels!r}; there are {', '.join(METHODS)}")
    read = named(root, [image.source for image in images] if inputs is None else inputs)
    collection = collection_of(root, images) if images else ""
    described = [describe(root, image, collection, run) for image in images]
    details = {
        "parameters": plain(parameters or {}),
        "code_version": code_version,
        "inputs": read,
        "tools": tools,
    }
    with changing(root):
        clear_up(root)
        staged = Staged(root, name, run)
    try:
        writer = ResultWriter(staged, described, levels, details)
        if described:
            paths = [one.path for one in described]
            for path, document in group_documents(root, collection, paths, name, run).items():
                write_json(staged.images / path / "zarr.json", document)
    except (OSError, StoreError) as problem:
        staged.remove()
        if isinstance(problem, StoreError):
            raise
        raise StoreError(f"{staged.folder} cannot be written: {cause(problem)}") from problem
    return writer


class ResultWriter:
    """A result that is being made. Its methods may be called from any thread, planes in any order.

    Nothing of it is listed anywhere before it is published.
    """

    def __init__(
        self,
        staged: Staged,
        images: Sequence[Described],
        levels: Downsampling | None,
        details: Mapping[str, Any],
    ) -> None:
        self._staged = staged
        self._images = images
        self._levels = levels
        self._details = details
        self._values: dict[str, Any] = {}
        self._outputs: list[str] = []
        self._lock = Lock()
        self._arrays: dict[int, Any] = {}
        self._over = False
        for image in images:
            place = staged.images / image.path
            write_json(place / "zarr.json", group(image.attributes))
            create_array(place / "0", image.shape, image.dtype, planes_a_shard=image.planes_a_shard)

    @property
    def run(self) -> str:
        """The name of this run, which what it writes elsewhere (labels) may carry too."""
        return self._staged.run

    def put(self, index: tuple[int, int, int], pixels: NDArray[Any], image: int = 0) -> None:
        """Write a plane at t, c, z of an image, or a few planes from that z on; returns when done.

        Planes that share a shard should be put together, or the shard is written more than once.
        """
        self._refuse_when_over()
        if not 0 <= image < len(self._images):
            raise StoreError(f"the result {self._name} has no image {image}")
        told = self._images[image]
        planes = pixels if pixels.ndim == 3 else pixels[np.newaxis]
        t, c, z = (int(number) for number in index)
        inside = 0 <= t < told.shape[0] and 0 <= c < told.shape[1]
        if not inside or z < 0 or z + len(planes) > told.shape[2]:
            raise StoreError(f"t={t} c={c} z={z} lies outside of the result {self._name}")
        if planes.shape[1:] != told.shape[3:] or planes.dtype != told.dtype:
            raise StoreError(
                f"t={t} c={c} z={z} of the result {self._name} is {planes.dtype} "
                f"{planes.shape[1:]}; it was begun as {told.dtype} {told.shape[3:]}"
            )
        place = self._staged.images / told.path / "0"
        with self._lock:
            if image not in self._arrays:
                self._arrays[image] = open_array(place, write=True)
            array = self._arrays[image]
        write_planes_at(array, place, (t, c, z), planes)

    def add_value(self, name: str, value: Any) -> None:
        """Keep what is no image: an array, or anything that JSON can say."""
        self._refuse_when_over()
        self._values[name] = value

    def add_output(self, path: str) -> None:
        """Say that this run also made something elsewhere in the store: labels, a table."""
        self._refuse_when_over()
        self._outputs.append(path)

    def publish(self) -> PublishedResult:
        """Make it the newest result of its analysis; the one before keeps its run's name."""
        self._refuse_when_over()
        self._over = True
        self._arrays.clear()
        staged, root = self._staged, self._staged.root
        try:
            if self._images:
                for image in self._images:
                    write_levels(staged.images, image.path, self._levels, image.planes_a_shard)
            if self._values:
                write_values(staged.values, staged.analysis, staged.run, self._values)
            _flush(staged.folder)
            identities = self._identities(root)
            with changing(root):
                return self._put_in_place(root, identities)
        except OSError as problem:
            raise StoreError(f"{staged.folder} cannot be written: {cause(problem)}") from problem
        finally:
            staged.remove()

    def discard(self) -> None:
        """Remove what was made."""
        if not self._over:
            self._over = True
            self._arrays.clear()
            self._staged.remove()

    def _identities(self, root: Path) -> dict[str, str]:
        """Of what was made, while nobody waits: a large one takes its time."""
        parts = {"values": self._staged.values, "images": self._staged.images}
        return {
            name: content_identity(root, place.relative_to(root).as_posix(), quick=True)
            for name, place in parts.items()
            if place.is_dir()
        }

    def _put_in_place(self, root: Path, identities: Mapping[str, str]) -> PublishedResult:
        staged = self._staged
        outputs = named(root, self._outputs)
        images = values = None
        if self._values:
            values = f"{RESULT_DATA}/{staged.analysis}/{staged.run}"
            (root / values).parent.mkdir(parents=True, exist_ok=True)
            staged.values.rename(root / values)
            _group(root / RESULT_DATA, {})
            _group((root / values).parent, {EXTRAS: {LATEST: staged.run}})
            outputs = (*outputs, Content(values, identities["values"]))
        if self._images:
            results = root / RESULTS / staged.analysis
            former = latest_run(root, staged.analysis)
            for folder in (root / RESULTS, results):
                if not (folder / "zarr.json").is_file():
                    _group(folder, {})
            staged.say(ready=True, former=former)
            aside = results / (former or f"{LATEST}-before-{staged.run}")
            put_in_place(staged.images, results / LATEST, aside)
            images = f"{RESULTS}/{staged.analysis}/{LATEST}"
            path = f"{RESULTS}/{staged.analysis}/{staged.run}"
            outputs = (*outputs, Content(path, identities["images"]))
        record = record_in(root, staged.analysis, outputs=outputs, run=staged.run, **self._details)
        return PublishedResult(staged.analysis, staged.run, images, values, record)

    @property
    def _name(self) -> str:
        return f"{self._staged.analysis} of {self._staged.root}"

    def _refuse_when_over(self) -> None:
        if self._over:
            raise StoreError(f"the result {self._name} was published or discarded already")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.discard()
        elif not self._over:
            self.publish()


def _group(folder: Path, attributes: Mapping[str, Any]) -> None:
    write_json(folder / "zarr.json", group(attributes))


def _flush(folder: Path) -> None:
    """Before its name says that it is complete, it is on the disk."""
    for place in sorted(folder.rglob("*")):
        sync_to_disk(place)
