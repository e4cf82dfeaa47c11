"""Make a canonical store of foreign files and of older stores, verified chunk by chunk."""

from parfocal.convert._batch import Batch, BatchItem, ConversionAction
from parfocal.convert._batch_child import run_batch_child, start_batch
from parfocal.convert._batch_control import change_control
from parfocal.convert._batch_progress import BatchProgress, ItemProgress, ItemState
from parfocal.convert._batches import (
    BatchSnapshot,
    forget_batch,
    known_batches,
    look_at_batch,
    mark_seen,
)
from parfocal.convert._command_line import command_of
from parfocal.convert._convert import convert, dry_run
from parfocal.convert._dask_connection import DaskConnection, refuse_address
from parfocal.convert._errors import ConversionInUse, ConvertError
from parfocal.convert._glance import Glance
from parfocal.convert._inspect import FoundField, Inspection, inspect_source
from parfocal.convert._memory import BUDGET_BYTES
from parfocal.convert._meter import Way
from parfocal.convert._places import previous_stores
from parfocal.convert._projection import Projection
from parfocal.convert._report import ConversionReport
from parfocal.convert._rollback import discard_previous, rollback
from parfocal.convert._sort_paths import is_foreign, sources_at
from parfocal.convert._source import Wishes
from parfocal.convert._spool_source import SpoolFacts, spool_facts

__all__ = [
    "BUDGET_BYTES",
    "Batch",
    "BatchItem",
    "BatchProgress",
    "BatchSnapshot",
    "ConversionAction",
    "ConversionInUse",
    "ConversionReport",
    "ConvertError",
    "DaskConnection",
    "FoundField",
    "Glance",
    "Inspection",
    "ItemProgress",
    "ItemState",
    "Projection",
    "SpoolFacts",
    "Way",
    "Wishes",
    "change_control",
    "command_of",
    "convert",
    "discard_previous",
    "dry_run",
    "forget_batch",
    "inspect_source",
    "is_foreign",
    "known_batches",
    "look_at_batch",
    "mark_seen",
    "previous_stores",
    "refuse_address",
    "rollback",
    "run_batch_child",
    "sources_at",
    "spool_facts",
    "start_batch",
]
