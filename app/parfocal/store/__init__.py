"""Record, read and check one `.ome.zarr` store on disk."""

from parfocal.store._array_document import array_document
from parfocal.store._check import check
from parfocal.store._codec import Codec, chunk_codecs, inner_chunk
from parfocal.store._downsample import Downsampling
from parfocal.store._edit import ChannelEdit, StageMapEdit, StoreEdit, VoxelEdit, edit_store
from parfocal.store._errors import StoreError
from parfocal.store._export import ExportReport, export
from parfocal.store._export_source import channel_infos
from parfocal.store._file_lock import is_locked, lock_file
from parfocal.store._files import read_json, sync_to_disk, write_json
from parfocal.store._findings import CheckReport, Finding
from parfocal.store._glance import Glance, glance, store_stamp
from parfocal.store._gui_settings import (
    ChannelDisplay,
    DisplaySettings,
    LastView,
    read_display,
    write_display,
)
from parfocal.store._images import ImagePlace
from parfocal.store._info import StoreInfo, info, origin_um, time_step
from parfocal.store._journal import refuse_while_recorded
from parfocal.store._labels import (
    LabelWriter,
    follow_images,
    list_labels,
    read_labels,
    remove_labels,
    write_labels,
)
from parfocal.store._layout import split_name, store_around
from parfocal.store._length_units import micrometres
from parfocal.store._level_place import LevelPlace
from parfocal.store._navigate import navigate_spacing
from parfocal.store._ngff import Image, find_images, read_attributes, read_image
from parfocal.store._progress import Progress, StoreCancelled
from parfocal.store._provenance import (
    Content,
    ProvenanceRecord,
    read_provenance,
    record_provenance,
)
from parfocal.store._provenance_identity import content_identity
from parfocal.store._pyramid import PyramidReport, write_pyramid
from parfocal.store._read import StoreReader
from parfocal.store._recording import Recording
from parfocal.store._recover import recover
from parfocal.store._recover_report import RecoveryReport
from parfocal.store._rename import rename_store
from parfocal.store._results import PublishedResult, ResultWriter, publish_result
from parfocal.store._results_documents import ResultImage
from parfocal.store._results_list import ResultInfo, list_results, result_path
from parfocal.store._results_values import read_result_values
from parfocal.store._reuse import ReusableResult, find_reusable
from parfocal.store._sealed import SealedShard
from parfocal.store._shard_forecast import ShardForecast, forecast_shards
from parfocal.store._shard_planning import frames_a_shard
from parfocal.store._spec import ChannelInfo, FieldInfo, Index, RecordingSpec
from parfocal.store._status import RecordingStatus
from parfocal.store._store_layout import (
    ArrayLayout,
    ImageLayout,
    LabelsLayout,
    StoreLayout,
    close_layout,
    lay_out,
    whole_states,
)
from parfocal.store._store_metadata import (
    StageAxisMap,
    StageRow,
    StoreMetadata,
    read_store_metadata,
    write_store_metadata,
)
from parfocal.store._table_preview import TablePreview, preview_tables
from parfocal.store._tables import (
    append_table,
    list_tables,
    read_table,
    remove_table,
    write_table,
)
from parfocal.store._voxel_size import VoxelSize, resolve_voxel_size
from parfocal.store._wells import row_name

__all__ = [
    "ArrayLayout",
    "ChannelDisplay",
    "ChannelEdit",
    "ChannelInfo",
    "CheckReport",
    "Codec",
    "Content",
    "DisplaySettings",
    "Downsampling",
    "ExportReport",
    "FieldInfo",
    "Finding",
    "Glance",
    "Image",
    "ImageLayout",
    "ImagePlace",
    "Index",
    "LabelWriter",
    "LabelsLayout",
    "LastView",
    "LevelPlace",
    "Progress",
    "ProvenanceRecord",
    "PublishedResult",
    "PyramidReport",
    "Recording",
    "RecordingSpec",
    "RecordingStatus",
    "RecoveryReport",
    "ResultImage",
    "ResultInfo",
    "ResultWriter",
    "ReusableResult",
    "SealedShard",
    "ShardForecast",
    "StageAxisMap",
    "StageMapEdit",
    "StageRow",
    "StoreCancelled",
    "StoreEdit",
    "StoreError",
    "StoreInfo",
    "StoreLayout",
    "StoreMetadata",
    "StoreReader",
    "TablePreview",
    "VoxelEdit",
    "VoxelSize",
    "append_table",
    "array_document",
    "channel_infos",
    "check",
    "chunk_codecs",
    "close_layout",
    "content_identity",
    "edit_store",
    "export",
    "find_images",
    "find_reusable",
    "follow_images",
    "forecast_shards",
    "frames_a_shard",
    "glance",
    "info",
    "inner_chunk",
    "is_locked",
    "lay_out",
    "list_labels",
    "list_results",
    "list_tables",
    "lock_file",
    "micrometres",
    "navigate_spacing",
    "origin_um",
    "preview_tables",
    "publish_result",
    "read_attributes",
    "read_display",
    "read_image",
    "read_json",
    "read_labels",
    "read_provenance",
    "read_result_values",
    "read_store_metadata",
    "read_table",
    "record_provenance",
    "recover",
    "refuse_while_recorded",
    "remove_labels",
    "remove_table",
    "rename_store",
    "resolve_voxel_size",
    "result_path",
    "row_name",
    "split_name",
    "store_around",
    "store_stamp",
    "sync_to_disk",
    "time_step",
    "whole_states",
    "write_display",
    "write_json",
    "write_labels",
    "write_pyramid",
    "write_store_metadata",
    "write_table",
]
