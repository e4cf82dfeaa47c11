"""Turn a plan into plain values in the shape of its file."""

import json
from pathlib import Path
from typing import Any

import useq

from parfocal.plan._errors import PlanError
from parfocal.plan._experiment import Experiment
from parfocal.plan._items import Hold, Item, Phase, Wait

__all__ = ["bare_sequence", "plan_as_json"]

OPTIONS = ("on_trouble", "storage", "view", "metadata")
PHASE_OPTIONS = (
    *("reference", "stimulate", "power", "seconds_per_field"),
    *("view", "products", "pipeline", "metadata"),
)


def plan_as_json(experiment: Experiment) -> dict[str, Any]:
    """The plan as plain values, in the shape of the file; what is as usual is left out."""
    written = experiment.model_dump(mode="json", include=set(OPTIONS), exclude_defaults=True)
    tree: dict[str, Any] = {
        "parfocal": experiment.parfocal,
        "name": experiment.name,
        "policy": experiment.policy,
        **{key: _shortened(key, written[key]) for key in OPTIONS if written.get(key)},
        "items": [_item(item) for item in experiment.items],
    }
    if experiment.revisions:
        tree["revisions"] = [
            {
                "kind": change.kind,
                "done": change.done,
                "items": [_item(item) for item in change.items],
            }
            for change in experiment.revisions
        ]
    return tree


def bare_sequence(experiment: Experiment, path: Path) -> dict[str, Any]:
    """The one useq sequence of a plan, or the sentence that says what would be lost."""
    tree = plan_as_json(experiment)
    lost: list[str] = [key for key in (*OPTIONS, "revisions") if key in tree]
    lost += ["policy"] if experiment.policy != "catch-up" else []
    lost += [key for key in PHASE_OPTIONS if key in tree["items"][0]]
    if len(experiment.items) > 1:
        lost.append(f"{len(experiment.items)} items but one")
    if lost:
        raise PlanError(
            f"{path} would lose the plan's {', '.join(lost)}, which a useq file cannot keep; "
            "save it as .parfocal.yaml"
        )
    return _sequence(experiment.phases[0].sequence)


def _item(item: Item) -> dict[str, Any]:
    if isinstance(item, Wait):
        return {"wait": item.seconds}
    if isinstance(item, Hold):
        return {"hold": item.message}
    return _phase(item)


def _phase(phase: Phase) -> dict[str, Any]:
    written = phase.model_dump(mode="json", include=set(PHASE_OPTIONS), exclude_defaults=True)
    options = {key: _shortened(key, written[key]) for key in PHASE_OPTIONS if key in written}
    return {"phase": phase.name, "sequence": _sequence(phase.sequence), **options}


def _shortened(key: str, value: Any) -> Any:
    """One view is written as such, not as a list of one."""
    if key == "view":
        return value[0] if len(value) == 1 else value
    if key == "products":
        return {product: _shortened("view", views) for product, views in value.items()}
    return value


def _sequence(sequence: useq.MDASequence) -> dict[str, Any]:
    short = sequence.model_dump(mode="json", exclude_defaults=True)
    # a default that useq derives from another value (the shape of a well's random points) is lost
    # by leaving defaults out; then everything is written
    if useq.MDASequence.model_validate(json.loads(json.dumps(short))) == sequence:
        return short
    return sequence.model_dump(mode="json")
