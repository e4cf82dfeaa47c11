"""Open the arrays of the new store, each once."""

from pathlib import Path
from typing import Any

import tensorstore as ts

__all__ = ["Target"]

# nothing is kept: what is compared has come from the disk
CONTEXT = {"cache_pool": {"total_bytes_limit": 0}, "file_io_sync": False}


class Target:
    """The arrays of the new store, as TensorStore writes and reads them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._context = ts.Context(CONTEXT)
        self._arrays: dict[str, Any] = {}

    def array(self, path: str) -> Any:
        """The array at a path of the store, to be written and read."""
        if path not in self._arrays:
            kvstore = {"driver": "file", "path": f"{(self.root / path).as_posix()}/"}
            spec = {"driver": "zarr3", "kvstore": kvstore}
            self._arrays[path] = ts.open(
                spec, open=True, read=True, write=True, context=self._context
            ).result()
        return self._arrays[path]
