"""Lay channels over each other in their colours, as a small picture. No widgets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Picture", "compose", "rgb"]

# when a store names no colours: readable next to each other, also for the colour-blind
FALLBACK_COLORS = ("00B7EB", "7CFC00", "FF5FA2", "FFB000")


@dataclass(frozen=True, slots=True)
class Picture:
    """A small composite of one field, as height × width × RGB bytes."""

    name: str
    pixels: NDArray[np.uint8]


def rgb(color: str, channel: int = 0) -> tuple[float, float, float]:
    """A hex colour as 0..1; one that is missing or unreadable gets the channel's fallback."""
    digits = color.lstrip("#")[:6]
    try:
        value = int(digits, 16)
    except ValueError:
        value = -1
    if len(digits) != 6 or value < 0:
        value = int(FALLBACK_COLORS[channel % len(FALLBACK_COLORS)], 16)
    return (value >> 16 & 255) / 255, (value >> 8 & 255) / 255, (value & 255) / 255


def compose(planes: NDArray[np.float32], colors: Sequence[str]) -> NDArray[np.uint8]:
    """Add channel × y × x planes up, each between its 1st and 99.8th percentile."""
    picture = np.zeros((*planes.shape[1:], 3), np.float32)
    for channel, plane in enumerate(planes):
        low, high = np.percentile(plane, (1.0, 99.8))
        bright = np.clip((plane - low) / max(high - low, 1e-6), 0, 1)
        color = rgb(colors[channel] if channel < len(colors) else "", channel)
        picture += bright[..., None] * np.asarray(color, np.float32)
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)
