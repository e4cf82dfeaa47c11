"""Make `resources/icons`: the glyphs named in icons.txt, cut out of unpacked npm icon packages.

Run it by hand when icons.txt changes, with one unpacked folder for each set that is named there:

    npm pack @iconify-json/mdi && tar xzf iconify-json-mdi-*.tgz     # and so on for each set
    python packaging/make_icons.py mdi/package fluent/package …
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "resources" / "icons"
# What a set may be under: free to ship in a GPL program, with the notice in LICENSES.md.
ALLOWED = {"Apache-2.0", "MIT", "CC-BY-4.0"}

MIT_TEXT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    """Read icons.txt and the packages, and write the glyphs, sets.json and LICENSES.md anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="+", type=Path, help="unpacked npm package folders")
    packages = {
        read(folder, "info.json")["prefix"]: folder for folder in parser.parse_args().packages
    }
    wanted = read_names()
    for missing in sorted(wanted.keys() - packages.keys()):
        raise SystemExit(f"icons.txt names the set {missing}, and no package folder holds it")
    described: dict[str, Any] = {}
    for prefix, names in sorted(wanted.items()):
        described[prefix] = describe(packages[prefix])
        write_glyphs(read(packages[prefix], "icons.json"), names, TARGET / prefix)
    (TARGET / "sets.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    (TARGET / "LICENSES.md").write_text(licences(described, wanted), encoding="utf-8")


def read_names() -> dict[str, list[str]]:
    """The names in icons.txt by their set."""
    wanted: dict[str, list[str]] = {}
    for line in (HERE / "icons.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            prefix, name = line.split(":")
            wanted.setdefault(prefix, []).append(name)
    return wanted


def read(folder: Path, name: str) -> Any:
    """One JSON file of a package."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def describe(folder: Path) -> dict[str, Any]:
    """Where a set is from and what it is under."""
    info = read(folder, "info.json")
    licence = info["license"]["spdx"]
    if licence not in ALLOWED:
        raise SystemExit(f"{info['prefix']} is under {licence}, which nobody has looked at yet")
    return {
        "name": info["name"],
        "author": info["author"]["name"],
        "home": info["author"]["url"],
        "licence": licence,
        "package": f"@iconify-json/{info['prefix']} {read(folder, 'package.json')['version']}",
        "last_modified": read(folder, "icons.json")["lastModified"],
    }


def write_glyphs(icons: dict[str, Any], names: list[str], target: Path) -> None:
    """Write each glyph as an SVG file of its own, drawn in `currentColor`."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in names:
        glyph = resolve(icons, name)
        width = glyph.get("width", icons.get("width", 16))
        height = glyph.get("height", icons.get("height", 16))
        (target / f"{name}.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="1em" height="1em"'
            f' viewBox="0 0 {width} {height}">{glyph["body"]}</svg>\n',
            encoding="utf-8",
        )


def resolve(icons: dict[str, Any], name: str) -> dict[str, Any]:
    """A glyph by its name or by an older name of it."""
    if name in icons["icons"]:
        return dict(icons["icons"][name])
    alias = icons.get("aliases", {}).get(name)
    if alias is None:
        raise SystemExit(f"the set {icons['prefix']} has no icon {name}")
    if alias.keys() - {"parent"}:
        raise SystemExit(f"{icons['prefix']}:{name} is a turned {alias['parent']}; name that one")
    return resolve(icons, alias["parent"])


def licences(described: dict[str, Any], wanted: dict[str, list[str]]) -> str:
    """LICENSES.md: what is from whom, under what, with the notices that must travel along."""
    rows = "\n".join(
        f"| `{prefix}` | {len(wanted[prefix])} | {one['name']} | {one['author']}, <{one['home']}> "
        f"| {one['licence']} | `{one['package']}` |"
        for prefix, one in described.items()
    )
    copyrights = "\n".join(
        f"- {one['name']}: Copyright (c) {one['author']}"
        for one in described.values()
        if one["licence"] == "MIT"
    )
    return f"""# Where these icons are from

Made by `packaging/make_icons.py`; do not edit by hand. Each glyph is unchanged but for its file.
The application icon `parfocal.svg` beside this folder is our own and under the program's licence.

| set | glyphs | name | author | licence | cut from |
|---|---|---|---|---|---|
{rows}

## Apache-2.0

The full text is in `LICENSE-Apache-2.0.txt` beside this file.

## CC-BY-4.0

Icons by the authors named in the table, <https://creativecommons.org/licenses/by/4.0/>, unchanged.

## MIT

{copyrights}

{MIT_TEXT}"""


if __name__ == "__main__":
    main()
