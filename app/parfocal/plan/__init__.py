"""Say what will be acquired: experiments as frozen values, their compiled schedule, their files."""

from parfocal.plan._batches import batch_fields, batch_sizes
from parfocal.plan._combine import combine_fields, combine_time
from parfocal.plan._demo import demo_experiment, demo_with_a_wait, demo_with_light
from parfocal.plan._edit import (
    add_item,
    duplicate_item,
    move_item,
    remove_item,
    rename_phase,
    replace_item,
    replace_sequence,
)
from parfocal.plan._errors import PlanError
from parfocal.plan._estimate import Estimate, estimate
from parfocal.plan._experiment import (
    Experiment,
    OnTrouble,
    Policy,
    Revision,
    RevisionKind,
    Storage,
)
from parfocal.plan._files import experiment_from_sequence, read_plan, write_plan
from parfocal.plan._items import Hold, Item, OnLate, Phase, Reference, Stimulation, Wait
from parfocal.plan._placing import own_sequences
from parfocal.plan._revise import continue_with, extend, replace_remaining, revise
from parfocal.plan._schedule import (
    Anchor,
    Channel,
    ChannelKind,
    Field,
    Index,
    Part,
    Schedule,
    Sizes,
    Step,
    StepKind,
)
from parfocal.plan._series import Overview, compile_schedule, outline
from parfocal.plan._streams import Ranges, Shown, Stream, streams_of, views_of
from parfocal.plan._timepoints import Timepoints, TimeRange, chosen_timepoints
from parfocal.plan._tree import plan_as_json
from parfocal.plan._view import MAIN, NO_VIEWER, PRODUCTS, Product, View, Views, inherited

__all__ = [
    "MAIN",
    "NO_VIEWER",
    "PRODUCTS",
    "Anchor",
    "Channel",
    "ChannelKind",
    "Estimate",
    "Experiment",
    "Field",
    "Hold",
    "Index",
    "Item",
    "OnLate",
    "OnTrouble",
    "Overview",
    "Part",
    "Phase",
    "PlanError",
    "Policy",
    "Product",
    "Ranges",
    "Reference",
    "Revision",
    "RevisionKind",
    "Schedule",
    "Shown",
    "Sizes",
    "Step",
    "StepKind",
    "Stimulation",
    "Storage",
    "Stream",
    "TimeRange",
    "Timepoints",
    "View",
    "Views",
    "Wait",
    "add_item",
    "batch_fields",
    "batch_sizes",
    "chosen_timepoints",
    "combine_fields",
    "combine_time",
    "compile_schedule",
    "continue_with",
    "demo_experiment",
    "demo_with_a_wait",
    "demo_with_light",
    "duplicate_item",
    "estimate",
    "experiment_from_sequence",
    "extend",
    "inherited",
    "move_item",
    "outline",
    "own_sequences",
    "plan_as_json",
    "read_plan",
    "remove_item",
    "rename_phase",
    "replace_item",
    "replace_remaining",
    "replace_sequence",
    "revise",
    "streams_of",
    "views_of",
    "write_plan",
]
