"""Measure Parfocal against its peers: paired runs in one call, medians."""

from parfocal.cli.bench._pairs import Row, paired

__all__ = ["Row", "paired"]
