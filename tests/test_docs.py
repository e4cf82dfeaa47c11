"""What README and docs tell a newcomer to type is what works."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
# These two are the whole program and this very suite; each is proven elsewhere.
NEWCOMER = {"./run demo", "./run test"}


def _blocks(language: str, *pages: Path) -> list[str]:
    return [
        body
        for page in pages or PAGES
        for kind, body in FENCE.findall(page.read_text(encoding="utf-8"))
        if kind == language
    ]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with README's plan in it, run through README's own commands in order."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "drug-response.parfocal.yaml").write_text(_blocks("yaml")[0])
    return folder


def test_every_command_of_the_docs_runs_in_the_order_it_is_told(experiment: Path) -> None:
    lines = [line for block in _blocks("sh") for line in block.splitlines() if line.strip()]
    assert set(lines) >= NEWCOMER
    commands = [line for line in lines if line.startswith("parfocal ")]
    assert len(commands) >= 4
    for line in commands:
        _, *words = line.split()
        done = subprocess.run(
            [sys.executable, "-m", "parfocal", *words],
            cwd=experiment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"
    for page in PAGES:
        # the blocks of a page are one program: what one made is there in the next
        program = "\n".join(_blocks("python", page))
        if program:
            done = subprocess.run(
                [sys.executable, "-c", program],
                cwd=experiment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, f"{page.name}: {done.stderr}"
            assert done.stdout.strip()


def test_no_link_of_the_docs_leads_nowhere() -> None:
    missing = [
        f"{page.name}: {target}"
        for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert missing == []
