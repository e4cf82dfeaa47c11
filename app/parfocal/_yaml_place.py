"""Say on which line of a YAML file a place of its value stands."""

import yaml

__all__ = ["line_of"]


def line_of(root: yaml.Node | None, place: tuple[str | int, ...]) -> int | None:
    """The line of the deepest part of `place` that is in the file, counted from 1."""
    node, line = root, None
    for part in place:
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    below, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            below = node.value[part] if part < len(node.value) else None
            line = line if below is None else below.start_mark.line + 1
        if below is not None:  # pydantic also names members of unions, which are no keys
            node = below
    return line
