"""Give a YAML text other values, and leave everything else in it as somebody wrote it.

By hand and not with ruamel.yaml, which keeps comments too but is another YAML than the one that
reads these files: its `yes`, `off`, `010` and `1e-3` are other values, and it indents anew.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml

from parfocal._yaml_text import YamlWriter

__all__ = ["comments_in", "is_same", "reads", "with_values"]

DASH = re.compile(r" *- +")

Edit = tuple[int, int, str]
"""From where to where, and what stands there instead."""


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """The text with these values. What did not change is the same to the letter; where that cannot
    be, as with anchors, all of it is written anew."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    before = yaml.safe_load(text)
    if is_same(before, dict(values)):
        return text
    line_end = "\r\n" if "\r\n" in text else "\n"
    if isinstance(root, yaml.MappingNode) and isinstance(before, dict):
        made = _Edits(text, line_end).with_values(root, before, dict(values))
        if reads(made, values):
            return made
    return "".join(_entry(key, value, 0, line_end) + line_end for key, value in values.items())


def comments_in(text: str) -> Counter[str]:
    """Each comment, and how often it is there."""
    found: Counter[str] = Counter()
    end = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        for line in text[end : token.start_mark.index].splitlines():
            if "#" in line:
                found[line[line.index("#") :].strip()] += 1
        end = token.end_mark.index
    return found


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are written the same; 1, 1.0 and true are not."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other or (one != one and other != other))  # a NaN is none of both


class _Edits:
    """The changes of one text, from its marks."""

    def __init__(self, text: str, line_end: str) -> None:
        self._text, self._line_end = text, line_end
        self._edits: list[Edit] = []

    def with_values(self, root: yaml.MappingNode, old: dict[Any, Any], new: dict[Any, Any]) -> str:
        if not self._can_change(root, old, new):
            return ""
        self._mapping(root, old, new)
        text = self._text
        for start, end, words in sorted(self._edits, reverse=True):
            text = text[:start] + words + text[end:]
        return text

    def _value(self, node: yaml.Node, old: Any, new: Any, column: int, *, flow: bool) -> None:
        """`column`: where the key begins that it is the value of; `flow`: within brackets."""
        if is_same(old, new):
            return
        if (
            isinstance(node, yaml.MappingNode)
            and isinstance(old, dict)
            and isinstance(new, dict)
            and self._can_change(node, old, new)
        ):
            self._mapping(node, old, new)
        elif not (
            isinstance(node, yaml.SequenceNode)
            and isinstance(old, list)
            and isinstance(new, list)
            and len(old) == len(node.value)
            and self._sequence(node, old, new, column, flow=flow)
        ):
            self._replace(node, new, column, flow=flow)

    def _sequence(
        self, node: yaml.SequenceNode, old: list[Any], new: list[Any], column: int, *, flow: bool
    ) -> bool:
        """Change its items, take some away, or put some behind them; False where that cannot be."""
        if len(old) == len(new):
            for below, one, other in zip(node.value, old, new, strict=True):
                self._value(below, one, other, column, flow=flow or bool(node.flow_style))
            return True
        if node.flow_style or not old or not new:
            return False
        starts = [self._line_of(below) for below in node.value]
        if any(DASH.fullmatch(self._text[one:two]) is None for one, two in starts):
            return False
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        if head + tail == len(new):
            for at in range(head, len(old) - tail):
                end = self._line_after(_end(node.value[at], self._text))
                self._edits.append((starts[at][0], end, ""))
            return True
        if head == len(old) and all(isinstance(one, dict) and one for one in new[head:]):
            start, end = starts[0]
            indent = self._text[start:end].index("-")
            added = _items(new[head:], indent, self._line_end)[len(self._line_end) :]
            self._insert(self._line_after(_end(node, self._text)), added + self._line_end)
            return True
        return False

    def _can_change(self, node: yaml.MappingNode, old: dict[Any, Any], new: dict[Any, Any]) -> bool:
        """Whether the keys that go and come can do so line by line."""
        if len(old) != len(node.value) or not node.value:
            return False
        if old.keys() == new.keys():
            return True
        # the first key of an item stands beside its dash: it cannot go without it
        first = node.value[0][0].start_mark
        beside = self._text[first.index - first.column : first.index].strip()
        stays = next(iter(old)) in new
        return not node.flow_style and bool(old.keys() & new.keys()) and (stays or not beside)

    def _mapping(self, node: yaml.MappingNode, old: dict[Any, Any], new: dict[Any, Any]) -> None:
        column = node.value[0][0].start_mark.column
        for key, (name, value) in zip(old, node.value, strict=True):
            if key in new:
                flow = bool(node.flow_style)
                self._value(value, old[key], new[key], column, flow=flow)
            else:
                start = name.start_mark.index - name.start_mark.column
                end = self._line_after(_end(value, self._text))
                self._edits.append((start, end, ""))
        added = [key for key in new if key not in old]
        if added:
            place = self._line_after(_end(node, self._text))
            lines = "".join(
                " " * column + _entry(key, new[key], column, self._line_end) + self._line_end
                for key in added
            )
            self._insert(place, lines)

    def _insert(self, place: int, lines: str) -> None:
        begun = place == len(self._text) and not self._text.endswith("\n")
        self._edits.append((place, place, (self._line_end if begun else "") + lines))

    def _line_of(self, node: yaml.Node) -> tuple[int, int]:
        """Where its line begins, and where it does itself."""
        mark = node.start_mark
        return mark.index - mark.column, mark.index

    def _replace(self, node: yaml.Node, new: Any, column: int, *, flow: bool) -> None:
        start, end = node.start_mark.index, _end(node, self._text)
        words = _flow(new) if flow else _written(new, column, self._line_end)
        before = self._text[start - node.start_mark.column : start]
        if words.startswith(("\r", "\n")):  # a list of its own lines, behind the key's colon
            start -= len(before) - len(before.rstrip())
            if not before.strip():
                start -= len(self._line_end)
        elif before.endswith(":"):
            words = " " + words
        self._edits.append((start, end, words))

    def _line_after(self, index: int) -> int:
        end = self._text.find("\n", index)
        return len(self._text) if end < 0 else end + 1


def _end(node: yaml.Node, text: str) -> int:
    """Where what is written of a node ends: the mark of a block stands before the next one."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last, text)
    start, end = node.start_mark.index, node.end_mark.index
    return start + len(text[start:end].rstrip(" \t\r\n"))


def reads(text: str, values: Mapping[str, Any]) -> bool:
    """Whether a text says just this."""
    try:
        return is_same(yaml.safe_load(text) or {}, dict(values))
    except yaml.YAMLError:
        return False


class _Plain(YamlWriter):
    """Without names for what comes twice."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _entry(key: Any, value: Any, column: int, line_end: str) -> str:
    words = _written(value, column, line_end)
    return f"{_flow(key)}:{words if words.startswith(line_end) else ' ' + words}"


def _written(value: Any, column: int, line_end: str) -> str:
    """In one line; a list of ways has a line for each of their keys."""
    if isinstance(value, list) and value and all(isinstance(one, dict) and one for one in value):
        return _items(value, column + 2, line_end)
    if isinstance(value, list | dict):
        return _flow(value)
    return _dumped({0: value}, flow=False).removeprefix("0:").strip(" \n")


def _items(ways: list[dict[Any, Any]], column: int, line_end: str) -> str:
    indent = line_end + " " * column
    return "".join(
        f"{indent}{'  ' if number else '- '}{_entry(key, below, column + 2, line_end)}"
        for one in ways
        for number, (key, below) in enumerate(one.items())
    )


def _common(some: list[Any], others: list[Any]) -> int:
    """How many are the same at the beginning."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if not is_same(one, other):
            break
        count += 1
    return count


def _flow(value: Any) -> str:
    return _dumped([value], flow=True).strip()[1:-1]


def _dumped(value: Any, *, flow: bool) -> str:
    return str(
        yaml.dump(
            value,
            Dumper=_Plain,
            default_flow_style=flow,
            sort_keys=False,
            allow_unicode=True,
            width=float("inf"),
        )
    )
