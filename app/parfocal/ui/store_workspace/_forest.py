"""All projects, folders and stores that were found, whether the filter keeps them or not.

No widgets, and nothing of Qt: the model tells the view what of it is shown.
"""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from parfocal.ui.store_workspace._node import Kind, Node


class Forest:
    """Nodes by their number and by their place; `bare` are folders without a store."""

    def __init__(self) -> None:
        self.root = Node(0, Kind.ROOT, "", None)
        self.nodes: dict[int, Node] = {}
        self.bare: dict[Path, int] = {}  # with their times: a store may come
        self._numbers = count(1)

    def stores(self, below: Node | None = None) -> Iterator[Node]:
        """Every store, whether the filter keeps it or not."""
        for child in (below or self.root).children.values():
            if child.is_store:
                yield child
            else:
                yield from self.stores(child)

    def folders(self) -> dict[Path, int]:
        """Every folder that was listed, and its time then."""
        listed = (node for node in self.nodes.values() if not node.is_store and node.time_ns)
        return {**self.bare, **{node.path: node.time_ns for node in listed}}

    def project_of(self, folder: Path) -> Node | None:
        """The project that a folder is in, or is."""
        around = (one for one in self.root.children.values() if folder.is_relative_to(one.path))
        return max(around, key=lambda one: len(one.path.parts), default=None)

    def all_of(self, path: Path) -> Iterator[Node]:
        """The node of a path in each project that it lies in."""
        for project in self.root.children.values():
            if path != project.path and not path.is_relative_to(project.path):
                continue
            node: Node | None = project
            for part in path.relative_to(project.path).parts:
                node = None if node is None else node.children.get(part)
            if node is not None:
                yield node

    def make(self, kind: Kind, called: str, parent: Node, path: Path | None = None) -> Node:
        """Put a node into another one; a project has a path of its own."""
        node = Node(next(self._numbers), kind, called, parent, path)
        parent.children[called if path is None else str(path)] = node
        self.nodes[node.number] = node
        return node

    def forget(self, node: Node) -> None:
        """Take a node out of the tree, with all below it."""
        parent = node.parent
        if parent is not None:
            parent.children.pop(str(node.path) if parent is self.root else node.called, None)
            parent.count(-(1 if node.kind is Kind.STORE else node.counted))
        waiting = [node]
        while waiting:
            one = waiting.pop()
            self.nodes.pop(one.number, None)
            waiting.extend(one.children.values())

    def folder(self, top: Node, path: Path, *, make: bool) -> Node | None:
        """The node of a folder below a project; those that have no store are not made."""
        if path == top.path or not path.is_relative_to(top.path):
            return top
        node = top
        for part in path.relative_to(top.path).parts:
            below = node.children.get(part)
            if below is None:
                if not make:
                    return None
                below = self.make(Kind.FOLDER, part, node)
            node = below
        return node
