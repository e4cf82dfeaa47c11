"""Take the options that older scripts give the bare command as the verb that they mean now."""

import argparse
from collections.abc import Sequence
from pathlib import Path

__all__ = ["add_older_names", "words_of_verb"]

ENDINGS = (".zarr", ".n5", ".ome")


def add_older_names(parser: argparse.ArgumentParser) -> None:
    """Declare them, beside what the bare command knows itself."""
    group = parser.add_argument_group("older names of `parfocal migrate`")
    group.add_argument("--migrate-store", metavar="P", help="the store; `migrate P`")
    group.add_argument(
        "--migrate-output", metavar="P", help="the new store, else beside the old one; `-o P`"
    )
    group.add_argument(
        "--migrate-overwrite", action="store_true", help="replace what is there; `--overwrite`"
    )
    group.add_argument("--stage-axis-map", metavar="MAP", help="as that of `migrate`")


def words_of_verb(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """The same call in today's words; what is not an older name is an option of `migrate`."""
    given, rest = parser.parse_known_args(words)
    if given.migrate_store is None:
        alone = [word for word in words if word.startswith("-")]
        known = ("--migrate-output", "--migrate-overwrite", "--stage-axis-map")
        if any(word.partition("=")[0] in known for word in alone):
            parser.error(f"{alone[0]} needs --migrate-store")
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    store = Path(given.migrate_store)
    output = given.migrate_output or _beside(store)
    verb = ["migrate", f"--output={output}"]
    if given.migrate_overwrite:
        verb.append("--overwrite")
    if given.stage_axis_map is not None:
        verb.append(f"--stage-axis-map={given.stage_axis_map}")
    return [*verb, *rest, "--", str(store)]


def _beside(store: Path) -> Path:
    name = store.name
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    new = store.with_name(f"{name}.ome.zarr")
    return new if new.name != store.name else store.with_name(f"{name}.migrated.ome.zarr")
