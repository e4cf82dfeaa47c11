"""Read YAML or JSON text as a tree that still knows the line of every value."""

import contextlib
import json
from collections.abc import Iterator
from math import inf
from typing import Any

import yaml

from parfocal._yaml_place import line_of
from parfocal.plan._errors import PlanError

__all__ = ["Document", "Location"]

Location = tuple[str | int, ...]

# a plan of 100,000 positions is 5 MB; beyond this it is some other file
LARGEST_BYTES = 32 * 2**20
# what aliases may add to the values of a file; 300 bytes of them can say 400 million
MOST_ALIASED = 1_000_000


class Document:
    """A parsed text: `value`, and `line(location)` for each place in it."""

    def __init__(self, path: str, text: str, *, is_json: bool) -> None:
        self._path = path
        self._root: yaml.Node | None = None
        try:
            if is_json:
                self.value: Any = json.loads(text)
            # JSON is YAML but for tabs, so the nodes (and with them the lines) serve both
            try:
                self._root = yaml.compose(text, Loader=yaml.SafeLoader)
                self._refuse_repeated_keys()
                self._refuse_endless_aliases()
            except yaml.YAMLError:
                if not is_json:
                    raise
            if not is_json:
                self.value = yaml.safe_load(text)
        except json.JSONDecodeError as error:
            raise PlanError(
                f"{path}, line {error.lineno}, is not JSON: {error.msg} at column {error.colno}"
            ) from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f", line {mark.line + 1}," if mark else ""
            raise PlanError(
                f"{path}{where} is not YAML: {error.problem or error.context}"
            ) from error
        except yaml.YAMLError as error:
            raise PlanError(f"{path} is not text that YAML allows: {_first_line(error)}") from error
        except RecursionError as error:
            raise PlanError(f"{path} is not a plan: it is nested too deeply") from error
        except (ValueError, TypeError) as error:
            # PyYAML lets Python's own errors out: an unhashable key, a date such as 2024-13-45
            raise PlanError(f"{path} is not a plan: {_first_line(error)}") from error

    def at(self, location: Location) -> Any:
        """The value at `location`, parts that are no keys of the file left out."""
        value: Any = self.value
        for part in location:
            with contextlib.suppress(LookupError, TypeError):
                value = value[part]
        return value

    def line(self, location: Location) -> int | None:
        """The line of the deepest part of `location` that exists, counted from 1."""
        return line_of(self._root, location)

    def _refuse_repeated_keys(self) -> None:
        waiting = [self._root]
        seen: set[int] = set()
        while waiting:
            node = waiting.pop()
            if node is None or id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                waiting.extend(node.value)
            elif isinstance(node, yaml.MappingNode):
                keys: set[str] = set()
                for key, value in node.value:
                    if isinstance(key, yaml.ScalarNode):
                        if key.value in keys:
                            raise PlanError(
                                f"{self._path}, line {key.start_mark.line + 1}, "
                                f"says {key.value!r} a second time"
                            )
                        keys.add(key.value)
                    waiting.append(value)

    def _refuse_endless_aliases(self) -> None:
        """Aliases of aliases, or one that holds itself: what walks over them would never end."""
        sizes: dict[int, float] = {}

        def size(node: yaml.Node) -> float:
            if id(node) not in sizes:
                sizes[id(node)] = inf  # for as long as it is not known: it may hold itself
                sizes[id(node)] = 1 + sum(map(size, _below(node)))
            return sizes[id(node)]

        if self._root is not None and size(self._root) > len(sizes) + MOST_ALIASED:
            raise PlanError(f"{self._path} is not a plan: its aliases (`*name`) have no end")


def _below(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
