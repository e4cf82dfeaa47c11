"""Grow a recording in mid-run: more timepoints, more fields, and the plan that asked for them."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import Any

from parfocal.store._arrangement import Arrangement
from parfocal.store._array_lengths import ArrayLengths
from parfocal.store._codec import Codec
from parfocal.store._errors import StoreError, cause
from parfocal.store._finish import reserve_room
from parfocal.store._metadata import (
    read_record,
    revision,
    update_record,
    write_images,
    write_wells,
)
from parfocal.store._ngff import read_ome
from parfocal.store._planes import PlaneState, States, name_frame, write_planes
from parfocal.store._spec import FieldInfo, Index, RecordingSpec
from parfocal.store._wells import require_wells


class Extender:
    """What an extension needs to know and changes on the disk; its lock is held around all of it.

    The order keeps a store whole at any moment: images, then the wells and the plate that list
    them, then the states and the record; each by a rename.
    """

    def __init__(
        self,
        root: Path,
        spec: RecordingSpec,
        codec: Codec,
        arrangement: Arrangement,
        lengths: ArrayLengths,
    ) -> None:
        self.lock = Lock()
        self._root = root
        self._spec = spec
        self._codec = codec
        self._arrangement = arrangement
        self._lengths = lengths
        self._layers = 1 + max(index[3] for index in spec.planned)

    def require(
        self, planned: Sequence[Index], due_s: Sequence[float], fields: Sequence[FieldInfo]
    ) -> None:
        """Refuse what the store cannot take, before anything is changed."""
        count = len(self._arrangement.fields) + len(fields)
        limits = (None, count, len(self._spec.channels), self._layers)
        for index in planned:
            for axis, number, limit in zip("tpcz", index, limits, strict=True):
                if number < 0 or (limit is not None and number >= limit):
                    raise StoreError(
                        f"{self._root} cannot be extended by {name_frame(index)}: {axis} goes "
                        f"from 0 to {'…' if limit is None else limit - 1}; record it in a store "
                        "of its own"
                    )
        wrong = {
            "plans a plane twice": len(set(planned)) != len(planned),
            f"has {len(due_s)} due times for {len(planned)} planes": len(due_s) != len(planned),
            "has a due time that is no number": not all(map(isfinite, due_s)),
        }
        for problem, applies in wrong.items():
            if applies:
                raise StoreError(f"the extension of {self._root} {problem}")
        require_wells(fields, self._spec.plate)

    def extend_files(
        self, length: int, planned: Sequence[Index], fields: Sequence[FieldInfo]
    ) -> Arrangement:
        """Make the images of fields that join, with room for every timepoint; says where all are.

        Along time alone nothing is made ahead: an array grows when a shard has been written.
        """
        if not fields:
            return self._arrangement
        length = max(length, 1 + max((index[0] for index in planned), default=0))
        larger, places = self._arrangement.grown(fields)
        try:
            write_images(self._root, self._spec, larger, places, self._codec, length)
            self._lengths.add([place.array() for place in places], length)
            self._lengths.reach_all(length)
            started = int(read_ome(self._root)["plate"]["acquisitions"][0]["starttime"])
            write_wells(self._root, self._spec, larger, places, started)
        except (OSError, KeyError) as problem:
            raise self._failed(problem) from problem
        return larger

    def tell(
        self,
        arrangement: Arrangement,
        published: States,
        planned: Sequence[Index],
        due_s: Sequence[float],
        fields: Sequence[FieldInfo],
        plan: Mapping[str, Any] | None,
    ) -> None:
        """Publish what is planned now, and add the plan to the record's revisions."""
        record = read_record(self._root) or {}
        told = record.get("plan", {}) if plan is None else plan
        changes: dict[str, Any] = {
            "planned": int((published != PlaneState.UNPLANNED).sum()),
            "images": [place.as_json() for place in arrangement.images.places],
            "plan": dict(told),
            "plan_revisions": [
                *record.get("plan_revisions", []),
                revision(told, planned, due_s, fields),
            ],
        }
        try:
            reserve_room(self._root, int(changes["planned"]))
            write_planes(self._root, published)
            update_record(self._root, changes)
        except (OSError, ValueError) as problem:
            raise self._failed(problem) from problem

    def _failed(self, problem: BaseException) -> StoreError:
        return StoreError(f"{self._root} cannot be extended: {cause(problem)}")
