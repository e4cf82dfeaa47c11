"""Say which channels a table may offer: the microscope's, and those of the plan."""

from collections.abc import Mapping, Sequence

import useq

__all__ = ["offered_channels"]


def offered_channels(
    groups: Mapping[str, Sequence[str]], channels: Sequence[useq.Channel]
) -> dict[str, list[str]]:
    """A table shows a channel that it does not know as the first one that it knows: "Cy5" stood
    where the plan said "Cy7"."""
    offered = {name: list(presets) for name, presets in groups.items()}
    for channel in channels:
        presets = offered.setdefault(channel.group, [])
        if channel.config not in presets:
            presets.append(channel.config)
    return offered
