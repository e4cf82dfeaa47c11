"""Say what a recovery found and did, as a value and as a sentence."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parfocal import counted
from parfocal.store._layout import quarantine_path


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What became of a store's planes: `kept` are there, `missing` were planned and are not.

    `lost` of the missing ones had been on the disk, by the journal or by the index of their shard;
    of what was only in memory when the recording was killed nothing is known. `unacknowledged`
    planes were kept although the journal had not come to say so, `from_spool` ones were written
    from the raw spool. `quarantined` names the files that were moved out, relative to the store.
    """

    store: Path
    state: str
    kept: int
    lost: int
    missing: int
    unacknowledged: int = 0
    from_spool: int = 0
    quarantined: tuple[str, ...] = ()
    changed: bool = True
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values, with the keys of the command line."""
        return {
            "store": str(self.store),
            "state": self.state,
            "kept": self.kept,
            "lost": self.lost,
            "missing": self.missing,
            "unacknowledged": self.unacknowledged,
            "from_spool": self.from_spool,
            "quarantined": list(self.quarantined),
            "changed": self.changed,
            "note": self.note,
        }

    @property
    def sentence(self) -> str:
        """The outcome for a person."""
        whole = self.kept + self.missing
        planes = f"{self.kept} of {counted(whole, 'plane')} {'is' if whole == 1 else 'are'} there"
        if not self.changed:
            return f"there is nothing to do: the store is {self.state}, {planes}"
        parts = [planes]
        if self.unacknowledged:
            parts.append(f"{self.unacknowledged} of them the journal did not know of")
        if self.from_spool:
            parts.append(f"{self.from_spool} of them are from the spool")
        if self.lost:
            parts.append(f"{self.lost} that had been written cannot be read")
        if self.quarantined:
            beside = quarantine_path(self.store).name
            parts.append(
                f"in {beside}: {counted(len(self.quarantined), 'broken or left-over file')}"
            )
        return f"{self.state}: {', '.join(parts)}"
