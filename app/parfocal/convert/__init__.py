"""Make a canonical store of foreign files and of older stores, verified chunk by chunk."""

from parfocal.convert._convert import convert, dry_run
from parfocal.convert._errors import ConvertError
from parfocal.convert._meter import Way
from parfocal.convert._report import ConversionReport
from parfocal.convert._rollback import discard_previous, rollback
from parfocal.convert._source import Wishes
from parfocal.convert._spool_source import SpoolFacts, spool_facts

__all__ = [
    "ConversionReport",
    "ConvertError",
    "SpoolFacts",
    "Way",
    "Wishes",
    "convert",
    "discard_previous",
    "dry_run",
    "rollback",
    "spool_facts",
]
