"""What the form asks, section by section; what is rarely set stands behind More."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from parfocal.ui.scan_form._draft import Place, choices_of, default_of
from parfocal.ui.scan_form._fields import (
    ChoiceField,
    Field,
    FiguresField,
    LimitField,
    LineField,
    TickField,
    as_figures,
    as_text,
)
from parfocal.ui.scan_form._places import PlaceField, PlacesField
from parfocal.ui.scan_form._rows import PairsField, WaysField
from parfocal.ui.text import figure, tr
from parfocal.ui.theme import Theme

__all__ = ["Asked", "Section", "sections"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One value: its label, how its field is made, and a word on what it is for."""

    place: Place
    label: str
    make: Callable[[], Field]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Values that belong together."""

    key: str
    title: str
    asked: tuple[Asked, ...]
    more: tuple[Asked, ...] = field(default=())


def sections(theme: Theme) -> tuple[Section, ...]:
    """All of them, in the order in which a strip goes."""
    return (_scan(), _settle(), _archive(), _store(), _look(), _messages(theme), _cleanup())


def _scan() -> Section:
    return Section(
        "scan",
        tr("Scan"),
        (
            _text("project", tr("&Project"), tr("a name, as mouse-brain-7")),
            Asked(
                ("watch",),
                tr("Folders to &watch"),
                lambda: PlacesField(tr("one folder a line; the folders in it are strips")),
            ),
            _text(
                "pattern",
                tr("Their &names are"),
                hint=tr(
                    "<N> counts strips through all slices; or <slice>, <strip>, <camera>. "
                    "What stands in [ ] may be missing; [_C2] is the second camera."
                ),
            ),
        ),
        (
            _figure("strips_per_slice", tr("Strips in a slice")),
            _figure("slices", tr("Slices in all"), empty=tr("not known")),
            _figure("slice_offset", tr("Add to each slice's number")),
            Asked(
                ("path_map",),
                tr("Paths of the rig"),
                PairsField,
                tr("For a file that says paths as another computer knows them."),
            ),
        ),
    )


def _settle() -> Section:
    return Section(
        "settle",
        tr("When a strip is done"),
        (
            _figure("stable_seconds", tr("Nothing changed &for"), tr("s")),
            _figure("minimum_strip_gb", tr("It has at &least"), tr("GB")),
            _text(
                "info_file",
                tr("Its &info file is right"),
                tr("none"),
                tr("Its name in the strip's folder; what “frames = N” says in it must be true."),
            ),
        ),
    )


def _archive() -> Section:
    bandwidth = partial(
        LimitField, _default(("bandwidth_mb_s",)), unit=tr("MB/s"), none=tr("As fast as it can")
    )
    return Section(
        "archive",
        tr("Archive"),
        (
            _folder("archive", tr("Copies go &to"), tr("none are made")),
            Asked(("bandwidth_mb_s",), tr("At m&ost"), bandwidth),
        ),
        (
            _tick(
                "external_archiver",
                tr("Another program copies; its copies are only compared"),
            ),
        ),
    )


def _store() -> Section:
    codecs = {"lz4": tr("LZ4: fast"), "zstd": tr("Zstandard: smaller"), "none": tr("None")}
    return Section(
        "store",
        tr("Compression"),
        (
            _folder("output", tr("Sto&res go to"), tr("none are made")),
            Asked(
                ("voxel_size_um",),
                tr("Vo&xel size"),
                lambda: FiguresField((tr("z"), tr("y"), tr("x")), "", tr("µm")),
            ),
            _choice("codec", tr("Compressed &by"), codecs),
        ),
        (
            _figure("shard_mb", tr("A shard has at most"), tr("MB"), tr("automatic")),
            _figure("workers", tr("Strips at once")),
            _figure("threads", tr("Threads a strip"), empty=tr("automatic")),
            Asked(
                ("cpu_affinity",),
                tr("On the processors"),
                lambda: LineField(tr("all; or numbers, as 0, 1, 2"), read=as_figures),
            ),
            _text(
                "executor",
                tr("Done by"),
                hint=tr("This computer, or a Dask cluster as tcp://host:8786."),
            ),
        ),
    )


def _look() -> Section:
    return Section(
        "look",
        tr("Look and verify"),
        (
            _tick("mip", tr("Make the projection along z (&MIP), and a preview of it")),
            Asked(
                ("preview_window",),
                tr("&Grey values from"),
                lambda: FiguresField((tr("from"), tr("to")), tr("automatic"), "", tr("to")),
            ),
            _figure("preview_parts", tr("Parts of the preview")),
        ),
        (
            Asked(
                ("thresholds", "store_gb"),
                tr("A store is wrong below"),
                partial(LineField, _default(("thresholds", "store_gb")), unit=tr("GB")),
            ),
            Asked(
                ("thresholds", "mip_mb"),
                tr("A projection is wrong below"),
                partial(LineField, _default(("thresholds", "mip_mb")), unit=tr("MB")),
                tr("Every copy is read again and compared; this is asked besides."),
            ),
        ),
    )


def _messages(theme: Theme) -> Section:
    ways = Asked(
        ("notify",),
        tr("Tell people"),
        lambda: WaysField(theme),
        tr("This window tells everything in any case."),
    )
    return Section("notify", tr("Messages"), (ways,))


def _cleanup() -> Section:
    ends = {
        "keep": tr("Stay where they are"),
        "move": tr("Are moved to “processed” beside them"),
        "trash": tr("Go to the trash, for some days"),
        "delete": tr("Are deleted"),
    }
    consent = tr(
        "Without these words each strip that is to be deleted waits for somebody who types them."
    )
    return Section(
        "cleanup",
        tr("Clean up"),
        (
            _choice(
                "cleanup",
                tr("At the end raw data"),
                ends,
                tr("Only when every copy was read again and is the same."),
            ),
            _figure("trash_days", tr("The trash is &kept for"), tr("days")),
            _text("delete_consent", tr("Delete wit&hout asking"), hint=consent),
        ),
    )


def _default(place: Place) -> str:
    default = default_of(place)
    if default is None:
        return ""
    return default if isinstance(default, str) else figure(float(default))


def _text(key: str, label: str, empty: str = "", hint: str = "") -> Asked:
    make = partial(LineField, empty or _default((key,)), read=as_text)
    return Asked((key,), label, make, hint)


def _figure(key: str, label: str, unit: str = "", empty: str = "") -> Asked:
    return Asked((key,), label, partial(LineField, empty or _default((key,)), unit=unit))


def _folder(key: str, label: str, empty: str) -> Asked:
    return Asked((key,), label, partial(PlaceField, empty))


def _tick(key: str, words: str) -> Asked:
    return Asked((key,), "", partial(TickField, words, default=bool(default_of((key,)))))


def _choice(key: str, label: str, words: dict[str, str], hint: str = "") -> Asked:
    """Every word that the configuration knows, also one that has no words here yet."""
    offered: dict[str, Any] = {one: words.get(one, one) for one in choices_of((key,))}
    return Asked((key,), label, partial(ChoiceField, offered, default_of((key,))), hint)
