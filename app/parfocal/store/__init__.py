"""Record, read and check one `.ome.zarr` store on disk."""

from parfocal.store._check import check
from parfocal.store._downsample import Downsampling
from parfocal.store._errors import StoreError
from parfocal.store._export import ExportReport, export
from parfocal.store._findings import CheckReport, Finding
from parfocal.store._geometry import frames_a_shard
from parfocal.store._info import StoreInfo, info
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
from parfocal.store._spec import ChannelInfo, FieldInfo, Index, RecordingSpec
from parfocal.store._status import RecordingStatus
from parfocal.store._voxel_size import VoxelSize, resolve_voxel_size

__all__ = [
    "ChannelInfo",
    "CheckReport",
    "Content",
    "Downsampling",
    "ExportReport",
    "FieldInfo",
    "Finding",
    "Index",
    "Progress",
    "ProvenanceRecord",
    "PyramidReport",
    "Recording",
    "RecordingSpec",
    "RecordingStatus",
    "StoreCancelled",
    "StoreError",
    "StoreInfo",
    "StoreReader",
    "VoxelSize",
    "check",
    "content_identity",
    "export",
    "frames_a_shard",
    "info",
    "read_provenance",
    "record_provenance",
    "resolve_voxel_size",
    "write_pyramid",
]
