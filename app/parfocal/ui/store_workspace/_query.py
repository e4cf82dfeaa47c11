"""Understand what is typed to find stores: `kinase state:interrupted date:2026-11`. No widgets."""

from dataclasses import dataclass
from datetime import datetime

STATE, DATE = "state:", "date:"


@dataclass(frozen=True, slots=True)
class Query:
    """Every word has to be in the path below the project; states and dates begin with theirs."""

    words: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Query":
        """What a person typed; `state:` alone narrows nothing yet."""
        words, states, dates = [], [], []
        for part in text.lower().split():
            if part.startswith(STATE):
                states += [one for one in part.removeprefix(STATE).split(",") if one]
            elif part.startswith(DATE):
                dates += [one for one in part.removeprefix(DATE).split(",") if one]
            else:
                words.append(part)
        return cls(tuple(words), tuple(states), tuple(dates))

    def __bool__(self) -> bool:
        """Whether it keeps anything away."""
        return bool(self.words or self.states or self.dates)

    def accepts(self, place: str, state: str, modified: float) -> bool:
        """Whether a store is wanted; `place` is in small letters, an unknown state is ""."""
        if not all(word in place for word in self.words):
            return False
        if self.states and not (state and state.startswith(self.states)):
            return False
        if not self.dates:
            return True
        return f"{datetime.fromtimestamp(modified):%Y-%m-%d}".startswith(self.dates)
