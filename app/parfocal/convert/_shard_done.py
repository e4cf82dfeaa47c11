"""Say what became of one shard: enough to prove it later and to go on after a kill."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ShardDone"]


@dataclass(frozen=True, slots=True)
class ShardDone:
    """A shard that was written and proven; one in which the source has no chunk has no file."""

    array: int
    shard: tuple[int, ...]
    size: int
    source_crc: int
    """Of the source's chunks as they lie, or of its decoded pixels."""
    target_crc: int
    """Of the file."""

    def as_json(self) -> dict[str, Any]:
        """A line of the journal."""
        return {
            "array": self.array,
            "shard": list(self.shard),
            "size": self.size,
            "source": self.source_crc,
            "target": self.target_crc,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "ShardDone":
        """What such a line says."""
        return cls(
            int(told["array"]),
            tuple(int(n) for n in told["shard"]),
            int(told["size"]),
            int(told["source"]),
            int(told["target"]),
        )
