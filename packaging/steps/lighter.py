"""Take out of a bundle for Linux what is linked and never called, and second copies of the same."""

import os
from pathlib import Path

from steps import elf, icu
from steps.facts import MIB, Job, StepError, say, size_of

# Everything of pyarrow is linked to these, and nothing that is shipped calls them (8 MiB).
IDLE = ("libarrow_acero.so", "libarrow_dataset.so", "libarrow_substrait.so")


def make_lighter(job: Job) -> None:
    """All of it, in the folder that PyInstaller made."""
    before = size_of(job.bundle)
    inside = job.bundle / "_internal"
    drop_idle_libraries(inside)
    for library in inside.glob("PyQt6/Qt6/lib/libicudata.so.*"):
        icu.make_smaller(library, job.scratch("icu"))
    link_second_copies(inside)
    for library in elf.elf_files(inside):
        if library.parent.name.endswith(".libs"):
            elf.Elf(library).squeeze()
    say(f"made lighter: {before / MIB:.0f} MiB became {size_of(job.bundle) / MIB:.0f} MiB")


def drop_idle_libraries(inside: Path) -> None:
    """Remove Arrow's idle libraries, after a look whether they are idle."""
    idle = [one for one in inside.glob("pyarrow/*.so*") if one.name.startswith(IDLE)]
    others = [one for one in elf.elf_files(inside / "pyarrow") if one not in idle]
    offered = set().union(*(elf.symbols(one)[1] for one in idle))
    names = {one.name for one in idle}
    for one in others:
        called = sorted(elf.symbols(one)[0] & offered)
        if called:
            raise StepError(f"{one} calls {called[0]} of {', '.join(sorted(names))}: ship them")
        elf.Elf(one).forget(names)
    for one in idle:
        one.unlink()
        (inside / one.name).unlink(missing_ok=True)


def link_second_copies(inside: Path) -> None:
    """Make one file of libraries that two wheels brought, the same to the byte."""
    first: dict[str, Path] = {}
    for one in sorted(inside.glob("*.libs/*")):
        if one.is_symlink():
            continue
        other = first.setdefault(one.name, one)
        if other is not one and other.read_bytes() == one.read_bytes():
            one.unlink()
            one.symlink_to(os.path.relpath(other, one.parent))
