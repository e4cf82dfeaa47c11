"""Read YAML, and still know on which line each value stands."""

from typing import Any

import yaml

from parfocal._yaml_place import line_of
from parfocal.jobs._errors import JobError

__all__ = ["Lines"]


class Lines:
    """A file's value, and the line of any place in it."""

    def __init__(self, name: str, text: str) -> None:
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.value: Any = yaml.safe_load(text)
        except yaml.MarkedYAMLError as problem:
            mark = problem.problem_mark
            where = f", line {mark.line + 1}," if mark else ""
            raise JobError(f"{name}{where} is not YAML: {problem.problem}") from problem
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as problem:
            words = (str(problem).splitlines() or [type(problem).__name__])[0]
            raise JobError(f"{name} is not YAML: {words}") from problem
        if (again := self._repeated()) is not None:
            key, line = again
            raise JobError(f"{name}, line {line}, says {key!r} a second time")

    def of(self, place: tuple[str | int, ...]) -> int | None:
        """The line of the deepest part of a place that is in the file, counted from 1."""
        return line_of(self._root, place)

    def _repeated(self) -> tuple[str, int] | None:
        if not isinstance(self._root, yaml.MappingNode):
            return None
        seen = set()
        for key, _ in self._root.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                return key.value, key.start_mark.line + 1
            seen.add(key.value)
        return None
