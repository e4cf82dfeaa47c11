"""Read the display colours of an image's channels. No widgets."""

import json
from pathlib import Path
from typing import Any


def colors_of(image: Path, count: int) -> tuple[str, ...]:
    """The colour of each channel, as the image's metadata have it; "" where they say none."""
    channels = omero_channels(image)
    return tuple(
        str(channels[c].get("color", "")) if c < len(channels) else "" for c in range(count)
    )


def omero_channels(image: Path) -> list[dict[str, Any]]:
    """What an image says of its channels for viewers."""
    for name in ("zarr.json", ".zattrs"):
        try:
            document = json.loads((image / name).read_text(encoding="utf-8"))
            attributes = document.get("attributes", document)
            channels = attributes.get("ome", attributes).get("omero", {}).get("channels", [])
        except (OSError, ValueError, AttributeError):
            continue
        return [channel for channel in channels if isinstance(channel, dict)]
    return []
