"""What README and docs tell a newcomer to type is what works, and the site is whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from parfocal.plan import read_plan

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
sys.path.insert(0, str(ROOT / "packaging" / "prove"))
from page_blocks import Block, blocks_of, difference  # noqa: E402 - beside the script that has it

# a block of YAML that says so in its first line is a file, which commands and readers may use
FILE = re.compile(r"^# file: (\S+)\n")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
# These are the whole program and this very suite; each is proven elsewhere.
NEWCOMER = {"./run demo", "./run test", "parfocal demo"}


def _blocks(language: str, *pages: Path) -> list[str]:
    return [block.body for block in _all_blocks(*pages) if block.kind == language]


def _all_blocks(*pages: Path) -> list[Block]:
    return [block for page in pages or PAGES for block in blocks_of(page)]


# every command in one process: each of its own would import half of the libraries once more
ALL_IN_ONE = """
import contextlib, io, json, shlex, sys
from pathlib import Path
from parfocal.__main__ import main

told = []
for block in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as words:
        for line in block.splitlines():
            program, *words_of_it = shlex.split(line)
            if program == "mkdir":
                Path(*words_of_it).mkdir()
                continue
            try:
                code = main(words_of_it)
            except SystemExit as usage:
                code = usage.code
            if code:
                sys.exit(f"{line}: {code}")
    told.append(words.getvalue())
print(json.dumps(told))
"""


def _run(folder: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with README's plan in it, run through README's own commands in order."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "drug-response.parfocal.yaml").write_text(_blocks("yaml")[0])
    for block in _blocks("yaml"):
        if named := FILE.match(block):
            (folder / named[1]).write_text(block)
    return folder


def test_every_plan_of_the_docs_is_a_plan(tmp_path: Path) -> None:
    plans = [block for block in _blocks("yaml") if "\nparfocal: 1\n" in f"\n{block}"]
    assert len(plans) > 8
    for number, block in enumerate(plans):
        path = tmp_path / f"{number}.parfocal.yaml"
        path.write_text(block)
        assert read_plan(path).phases


def test_the_site_leads_to_every_page_that_was_written_for_it() -> None:
    def pages(part: object) -> list[str]:
        if isinstance(part, dict | list):
            below = part.values() if isinstance(part, dict) else part
            return [page for one in below for page in pages(one)]
        return [str(part)]

    listed = pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    there = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES[1:]}
    assert set(listed) - there == set()
    assert {page for page in there if "/" in page} - set(listed) == set()


def test_a_bar_in_a_table_is_one_on_the_site_and_in_a_repository() -> None:
    # an escaped one in backticks keeps its backslash on the site; &#124; in <code> does not
    assert [page.name for page in PAGES if "\\|" in page.read_text(encoding="utf-8")] == []


@pytest.mark.soak
def test_the_site_is_built_strictly_and_asks_nothing_of_the_network(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="pip install parfocal[docs]")
    offline = ["unshare", "-rn"] if shutil.which("unshare") else []
    done = subprocess.run(
        [*offline, sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    fetched = re.compile(r"""<(?:script|img|iframe|link)[^>]*(?:src|href)=["']?https?:""")
    pictures = re.compile(r"""<img[^>]*src="(?!data:)([^"]+)\"""")
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not fetched.search(text), page
        assert all((page.parent / one).is_file() for one in pictures.findall(text)), page
    # a list that a block of code parts goes on with its own number
    assert '<ol start="3">' in (tmp_path / "strips.html").read_text(encoding="utf-8")


@pytest.mark.timeout(180)
def test_every_command_of_the_docs_runs_and_says_what_is_told(experiment: Path) -> None:
    lines = {line for block in _blocks("sh") for line in block.splitlines()}
    assert lines >= NEWCOMER
    blocks = [one for one in _all_blocks() if one.kind == "sh" and not _is_proven_elsewhere(one)]
    assert len(blocks) >= 12
    done = _run(experiment, ALL_IN_ONE, *(block.body for block in blocks))
    assert done.returncode == 0, done.stderr
    for block, came in zip(blocks, json.loads(done.stdout), strict=True):
        if block.prints is not None:
            assert not (wrong := difference(block.prints, came)), wrong
    for page in PAGES:
        # the blocks of a page are one program: what one made is there in the next
        program = "\n".join(_blocks("python", page))
        if program:
            done = _run(experiment, program)
            assert done.returncode == 0, f"{page.name}: {done.stderr}"
            assert done.stdout.strip()
    # last, and the only shell: a folder of many stores, one after the other
    if shell := shutil.which("bash"):
        ours = f'parfocal() {{ "{sys.executable}" -m parfocal "$@"; }}\n'
        for script in _blocks("bash"):
            subprocess.run([shell, "-euc", ours + script], cwd=experiment, check=True)
        assert (experiment / "new" / "scan.ome.zarr").is_dir()
        assert not (experiment / "not-migrated.txt").exists()


def _is_proven_elsewhere(block: Block) -> bool:
    return any(line in NEWCOMER for line in block.body.splitlines())


@pytest.mark.parametrize(
    ("came", "is_told"),
    [
        ("12 planes in 3.5 s\n/home/a b.zarr: ok\n1\n2\n", True),
        ("1,234 planes in 0.1 s\nb.zarr: ok\n", True),
        ("no planes in 3.5 s\nb.zarr: ok\n", False),
        ("12 planes in 3.5 s\nb.zarr: damaged\n", False),
        ("12 planes in 3.5 s\n", False),
    ],
)
def test_output_is_compared_but_for_numbers_and_what_is_left_out(came: str, is_told: bool) -> None:
    assert (difference("7 planes in 2 s\n…b.zarr: ok\n…\n", came) == "") is is_told


def test_no_link_of_the_docs_leads_nowhere() -> None:
    missing = [
        f"{page.name}: {target}"
        for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert missing == []
