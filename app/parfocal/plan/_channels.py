"""Number the channels of a store: imaging of all phases, then references, then stimulation."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from parfocal.plan._schedule import Channel, ChannelKind

__all__ = ["ChannelKey", "StoreChannels", "keys_of"]

ChannelKey = tuple[ChannelKind, str, str, int]
ORDER: tuple[ChannelKind, ...] = ("imaging", "reference", "stimulation")


def keys_of(channels: Iterable[Channel]) -> list[ChannelKey]:
    """What tells the channels of a phase apart: the same preset a second time is another one.

    The exposure is no part of it: a phase that exposes DAPI longer still images DAPI.
    """
    seen: Counter[tuple[ChannelKind, str, str]] = Counter()
    keys: list[ChannelKey] = []
    for channel in channels:
        preset = (channel.kind, channel.group, channel.config)
        keys.append((*preset, seen[preset]))
        seen[preset] += 1
    return keys


class StoreChannels:
    """Collects the channels of all phases.

    Those that a running recording has already keep their number; new ones come after them.
    """

    def __init__(self, before: Sequence[Channel]) -> None:
        self._known = dict(zip(keys_of(before), before, strict=True))
        self._new: dict[ChannelKey, Channel] = {}

    def take(self, channels: Sequence[Channel]) -> None:
        """Add those that are not known yet."""
        for key, channel in zip(keys_of(channels), channels, strict=True):
            if key not in self._known:
                self._new.setdefault(key, channel)

    def numbered(self) -> tuple[list[Channel], dict[ChannelKey, int]]:
        """All of them, each with a name of its own, and the number of each."""
        names = {channel.name for channel in self._known.values()}
        for key, channel in sorted(self._new.items(), key=lambda item: ORDER.index(item[0][0])):
            name = _free_name(channel, names)
            names.add(name)
            self._known[key] = replace(channel, name=name)
        self._new.clear()
        return list(self._known.values()), {key: n for n, key in enumerate(self._known)}


def _free_name(channel: Channel, taken: set[str]) -> str:
    name = channel.name
    if name in taken and channel.kind != "imaging":
        name = f"{name} {channel.kind}"
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
