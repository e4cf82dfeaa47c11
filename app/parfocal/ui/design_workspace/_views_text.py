"""Read and write what a view shows, as it is typed: names with commas, all, or as above."""

from collections.abc import Sequence

from parfocal.plan import NO_VIEWER, PRODUCTS, Product, View
from parfocal.ui.text import tr

__all__ = [
    "PRODUCT_WORDS",
    "Entry",
    "entries_in_words",
    "names_from",
    "names_text",
    "steps_from",
    "viewer_from",
]

Entry = tuple[str, View]
"""The product that a view is for (nothing: all of them), and the view."""

PRODUCT_WORDS: dict[str, str] = {
    "": tr("everything"),
    "imaging": tr("imaging"),
    "reference": tr("reference"),
    "stimulation": tr("stimulation"),
}
LONGEST_NAME = 80


def names_text(names: tuple[str, ...] | None) -> str:
    """As it stands in the field; nothing is: as above."""
    if names is None:
        return ""
    return ", ".join(names) or tr("all")


def names_from(text: str) -> tuple[str, ...] | None:
    """What was typed: nothing, all, or names with commas between them."""
    if not text.strip():
        return None
    if text.strip().lower() in ("all", tr("all")):
        return ()
    return tuple(name for part in text.split(",") if (name := part.strip())) or None


def steps_from(text: str) -> tuple[Product, ...] | None:
    """What was typed; a `ValueError` is a sentence."""
    names = names_from(text)
    if names is None:
        return None
    known = {name: product for product in PRODUCTS for name in (product, PRODUCT_WORDS[product])}
    for name in names:
        if name not in known:
            raise ValueError(
                tr("“{name}” is no step; write {steps}, or all.").format(
                    name=name, steps=", ".join(PRODUCTS)
                )
            )
    return tuple(known[name] for name in names)


def viewer_from(text: str) -> str | None:
    """A viewer's name; a `ValueError` is a sentence."""
    name = text.strip()
    if len(name) > LONGEST_NAME:
        raise ValueError(
            tr("A viewer's name has at most {n} letters; this one has {m}.").format(
                n=LONGEST_NAME, m=len(name)
            )
        )
    return name or None


def entries_in_words(entries: Sequence[Entry]) -> str:
    """All of it on one line: overview: DAPI; read-out: reference."""
    return "; ".join(_in_words(product, view) for product, view in entries)


def _in_words(product: str, view: View) -> str:
    name = tr("as above") if view.viewer is None else view.viewer
    if view.viewer == NO_VIEWER:
        name = tr("no viewer")
    what = [PRODUCT_WORDS[product]] if product else []
    for names, every in (
        (view.wells, tr("all wells")),
        (view.fields, tr("all fields")),
        (view.channels, tr("all channels")),
        (view.steps, tr("all steps")),
    ):
        if names is not None:
            what.append(", ".join(names) or every)
    return f"{name}: {' · '.join(what)}" if what else name
