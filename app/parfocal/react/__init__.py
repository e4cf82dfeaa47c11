"""The closed loop: pictures become cells, tracks and light while a run goes on."""

from parfocal.react._again import Reanalysis, analyse_again
from parfocal.react._catalogue import Catalogue, PartInfo, catalogue
from parfocal.react._counts import LoopCounts
from parfocal.react._errors import ReactError
from parfocal.react._light import Decision, Lights
from parfocal.react._lineage import Lineage
from parfocal.react._looking import Prepared
from parfocal.react._loop import Loop
from parfocal.react._parameters import Parameter, PartFacts, facts_of
from parfocal.react._phases import refuse_pipelines
from parfocal.react._pipeline import (
    PartChoice,
    Pipeline,
    pipeline_from,
    read_pipeline,
    write_pipeline,
)
from parfocal.react._plug_ins import plug_in_folder
from parfocal.react._protocols import KINDS, FeatureExtractor, Segmenter, Stimulator, Tracker
from parfocal.react._ready import ReadyPipeline, ready
from parfocal.react._results import Results
from parfocal.react._seen import Cells, Seen, Table
from parfocal.react._trial import (
    StorePicture,
    Took,
    Trial,
    picture_of_store,
    try_pipeline,
)

__all__ = [
    "KINDS",
    "Catalogue",
    "Cells",
    "Decision",
    "FeatureExtractor",
    "Lights",
    "Lineage",
    "Loop",
    "LoopCounts",
    "Parameter",
    "PartChoice",
    "PartFacts",
    "PartInfo",
    "Pipeline",
    "Prepared",
    "ReactError",
    "ReadyPipeline",
    "Reanalysis",
    "Results",
    "Seen",
    "Segmenter",
    "Stimulator",
    "StorePicture",
    "Table",
    "Took",
    "Tracker",
    "Trial",
    "analyse_again",
    "catalogue",
    "facts_of",
    "picture_of_store",
    "pipeline_from",
    "plug_in_folder",
    "read_pipeline",
    "ready",
    "refuse_pipelines",
    "try_pipeline",
    "write_pipeline",
]
