"""Enter the child process of a viewer."""

from collections.abc import Sequence


def run_child(argv: Sequence[str]) -> int:
    """Be the viewer child: open napari, obey the parent's control pipe, return the exit code."""
    raise NotImplementedError
