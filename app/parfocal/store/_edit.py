"""Change what may be changed in a finished store: names, colours, contrast, voxel size, stage map.

Pixel files are never touched. A change is all or nothing, stands in the store's history with what
was there before, and comes back with the change that would undo it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from parfocal.store._edit_commit import commit_edit
from parfocal.store._edit_draft import Draft
from parfocal.store._errors import StoreError
from parfocal.store._info import store_state
from parfocal.store._layout import whole_path
from parfocal.store._metadata import read_record
from parfocal.store._ngff import find_images
from parfocal.store._store_lock import changing, require_own
from parfocal.store._store_metadata import StageAxisMap

LONGEST_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class ChannelEdit:
    """What a channel is to have; None: as it is. A colour is RRGGBB, a window low and high."""

    name: str | None = None
    color: str | None = None
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class VoxelEdit:
    """The voxel size (z, y, x in µm) and why; `corrections` are those that stand after an undo."""

    size_um: tuple[float, float, float]
    reason: str
    corrections: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class StageMapEdit:
    """How the stage's axes lie; None: the store does not say so any more."""

    axes: StageAxisMap | None


@dataclass(frozen=True, slots=True)
class StoreEdit:
    """One change: fields and channels by their number in the store."""

    field_names: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[int, ChannelEdit] = field(default_factory=dict)
    voxel: VoxelEdit | None = None
    stage_map: StageMapEdit | None = None


def edit_store(path: Path | str, edit: StoreEdit) -> StoreEdit:
    """Make the change, and give the one that takes it back.

    A StoreError says why a store cannot be changed, and then nothing of it was.
    """
    root = whole_path(path)
    edit = _sound(edit)
    require_own(root)
    with changing(root):
        record = _require_closed(root)
        draft = Draft(root, record)
        try:
            back = _draw_up(draft, edit)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError) as problem:
            raise StoreError(
                f"the NGFF metadata of {root} makes no sense; parfocal check says where"
            ) from problem
        changed = draft.changed()
        if changed:
            commit_edit(root, changed, {"changes": draft.told})
    return back


def _draw_up(draft: Draft, edit: StoreEdit) -> StoreEdit:
    names = {number: draft.name_field(number, to) for number, to in edit.field_names.items()}
    channels = {
        number: ChannelEdit(*draft.dress_channel(number, to.name, to.color, to.window))
        for number, to in edit.channels.items()
    }
    draft.require_distinct_channels()
    voxel = stage_map = None
    if edit.voxel is not None:
        size, corrections = draft.resize(
            edit.voxel.size_um, edit.voxel.reason, edit.voxel.corrections
        )
        voxel = VoxelEdit(size, edit.voxel.reason, corrections)
    if edit.stage_map is not None:
        stage_map = StageMapEdit(draft.map_stage(edit.stage_map.axes))
    return StoreEdit(names, channels, voxel, stage_map)


def _require_closed(root: Path) -> dict[str, Any]:
    """Refuse what is being written, or must be repaired before."""
    images, record = find_images(root), read_record(root)
    if record is None or not images:
        raise StoreError(f"{root} has no record of what it is, so it is not changed")
    state, reason = store_state(root, record, images)
    if state == "recording":
        raise StoreError(f"{root} is being recorded right now; change it when that has ended")
    if state == "damaged" or record.get("state") == "recording":
        raise StoreError(f"{root} is {state} ({reason}); repair it first (parfocal recover)")
    return record


def _sound(edit: StoreEdit) -> StoreEdit:
    fields = {number: _name(name, "field") for number, name in edit.field_names.items()}
    channels = {number: _channel(number, to) for number, to in edit.channels.items()}
    if edit.voxel is not None:
        if not all(isfinite(size) and size > 0 for size in edit.voxel.size_um):
            raise StoreError(f"the voxel size {edit.voxel.size_um} is not above zero everywhere")
        if not edit.voxel.reason.strip():
            raise StoreError("say why the voxel size is another one: the store's history keeps it")
    return StoreEdit(fields, channels, edit.voxel, edit.stage_map)


def _channel(number: int, to: ChannelEdit) -> ChannelEdit:
    name = None if to.name is None else _name(to.name, "channel")
    color = None if to.color is None else to.color.lstrip("#").upper()
    if color is not None and (len(color) != 6 or set(color) - set("0123456789ABCDEF")):
        raise StoreError(f"the colour {to.color!r} of channel {number} is not RRGGBB")
    window = to.window
    if window is not None and not (all(map(isfinite, window)) and window[0] < window[1]):
        low, high = window
        raise StoreError(f"the contrast of channel {number} from {low:g} to {high:g} is no window")
    return ChannelEdit(name, color, window)


def _name(name: str, what: str) -> str:
    bare = name.strip()
    if not bare or len(bare) > LONGEST_NAME or not bare.isprintable():
        raise StoreError(
            f"{name!r} is no name of a {what}: it has 1 to {LONGEST_NAME} characters in one line"
        )
    return bare
