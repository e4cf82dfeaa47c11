"""One row of the tree: a project, a folder in it, or a store. No widgets."""

import time
from bisect import bisect_left
from enum import Enum
from pathlib import Path

from parfocal.ui.store_workspace._glimpse import Glimpse
from parfocal.ui.store_workspace._query import Query
from parfocal.ui.text import number, tr

# A network disk that is not there may let a question wait for minutes
SLOW_S = 5.0
Key = tuple[int, float, str]


class Kind(Enum):
    """What a row stands for."""

    ROOT = 0
    PROJECT = 1
    FOLDER = 2
    STORE = 3


NO_CHILDREN: "dict[str, Node]" = {}
NONE_SHOWN: "list[Node]" = []
NONE_SEEN: set[str] = set()


class Node:
    """`children` are all below it; `shown` those that the filter keeps, in the chosen order."""

    __slots__ = (
        "_path",
        "called",
        "children",
        "counted",
        "cut",
        "glimpse",
        "is_store",
        "kind",
        "modified",
        "name",
        "number",
        "parent",
        "place",
        "problem",
        "row",
        "scanned",
        "seen",
        "shown",
        "since",
        "time_ns",
    )  # fmt: skip

    def __init__(
        self, number: int, kind: Kind, called: str, parent: "Node | None", path: Path | None = None
    ) -> None:
        self.number = number
        self.kind = kind
        self.is_store = kind is Kind.STORE  # asked 10,000 times in a row
        self.called = called  # on the disk, in the folder above
        self._path = path
        self.parent = parent
        self.name = called.removesuffix(".zarr").removesuffix(".ome")
        # containers and paths of 10,000 stores made Python collect its garbage for 80 ms
        self.children: dict[str, Node] = NO_CHILDREN if self.is_store else {}
        self.shown: list[Node] = NONE_SHOWN if self.is_store else []
        self.row = 0
        self.counted = 0  # stores below it
        self.modified = 0.0
        self.glimpse: Glimpse | None = None
        self.problem = ""
        self.scanned = False
        self.since = time.monotonic()  # when somebody began to look into it
        self.cut = False
        self.time_ns = 0
        self.seen: set[str] = NONE_SEEN if self.is_store else set()
        # what a filter looks into: the path below the project
        inside = parent is not None and kind in (Kind.FOLDER, Kind.STORE)
        self.place: str = f"{parent.place}/{called.lower()}" if inside and parent else ""

    @property
    def path(self) -> Path:
        """Where it is."""
        if self._path is not None:
            return self._path
        return Path() if self.parent is None else self.parent.path / self.called

    @property
    def project(self) -> "Node | None":
        """The project that it is in, or is."""
        node: Node | None = self
        while node is not None and node.kind is not Kind.PROJECT:
            node = node.parent
        return node

    @property
    def state(self) -> str:
        """A store's state; "" until somebody has looked."""
        return "" if self.glimpse is None else self.glimpse.state

    def accepted(self, query: Query) -> bool:
        """Whether the filter keeps it: projects always, folders with what is in them."""
        if self.is_store:
            return query.accepts(self.place, self.state, self.modified)
        return self.kind is Kind.PROJECT or bool(self.shown)

    def key(self, order: str) -> Key:
        """Where it comes among its kind: folders first; the newest and the largest first."""
        if self.kind is Kind.PROJECT:
            return (0, float(self.row), "")  # in the order that a person gave them
        name = self.name.lower()
        if self.kind is Kind.FOLDER:
            return (1, 0.0, name)
        if order == "date":
            return (2, -self.modified, name)
        if order == "size":
            size = self.glimpse.size if self.glimpse is not None else None
            return (2, -float(-1 if size is None else size), name)
        return (2, 0.0, name)

    def place_of(self, node: "Node", order: str) -> int:
        """Where in `shown` it belongs."""
        return bisect_left(self.shown, node.key(order), key=lambda one: one.key(order))

    def number_rows(self, start: int = 0) -> None:
        """Tell what is shown which row it is in."""
        for row in range(start, len(self.shown)):
            self.shown[row].row = row

    def choose_shown(self, query: Query, order: str) -> None:
        """Choose and sort again, all the way down."""
        for child in self.children.values():
            if not child.is_store:
                child.choose_shown(query, order)
        chosen = [child for child in self.children.values() if child.accepted(query)]
        self.shown = sorted(chosen, key=lambda one: one.key(order))
        self.number_rows()

    def count(self, stores: int) -> None:
        """So many stores more (or fewer) are below it."""
        node: Node | None = self
        while node is not None:
            node.counted += stores
            node = node.parent

    @property
    def note(self) -> str:
        """What the second line of a folder says."""
        if self.problem:
            return self.problem
        if self.kind is Kind.PROJECT and not self.scanned:
            if self.counted:
                return tr("{n} so far…").format(n=_stores(self.counted))
            slow = time.monotonic() - self.since > SLOW_S
            return tr("no answer yet: is its disk connected?") if slow else tr("looking…")
        words = _stores(self.counted)
        return tr("more than {words}").format(words=words) if self.cut else words


def _stores(count: int) -> str:
    if not count:
        return tr("no stores")
    return tr("1 store") if count == 1 else tr("{n} stores").format(n=number(count))
