"""This program is started once more the same way by all: from source, frozen, and to outlive us."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from parfocal import __version__
from parfocal._own_process import own_command, start_on_its_own, start_own

# What a frozen build would be: it says what it was started with, and whether it has a session.
FROZEN = f"""\
#!{sys.executable}
import os, sys
print(*sys.argv[1:], os.getsid(0) == os.getpid(), flush=True)
sys.stderr.write(sys.stdin.read())
"""


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of one file, as which this process runs."""
    build = tmp_path / "Parfocal build"
    build.write_text(FROZEN)
    build.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(build))
    return build


def test_from_source_nothing_is_imported_from_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parfocal.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    with start_own("--version", stdout=subprocess.PIPE) as process:
        assert os.getsid(process.pid) == process.pid
        said, _ = process.communicate(timeout=60)
    assert (process.returncode, __version__ in said.decode()) == (0, True)


def test_a_frozen_build_starts_itself(frozen: Path) -> None:
    assert own_command() == [str(frozen)]
    with start_own(
        "--child=viewer", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = process.communicate(b"to it", timeout=60)
    assert (out, err) == (b"--child=viewer True\n", b"to it")


def test_one_that_outlives_us_has_an_account_is_reaped_and_reads_nothing(
    frozen: Path, tmp_path: Path
) -> None:
    account = tmp_path / "worker.log"
    for told in (b"worker True\n", b"worker True\n" * 2, b"worker True\n"):  # then it is too long
        process = start_on_its_own("worker", account=account, name="the-reaper", most_bytes=20)
        deadline = time.monotonic() + 30
        while any(thread.name == "the-reaper" for thread in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert process.returncode == 0  # nobody else waited for it
        assert account.read_bytes() == told


def test_what_cannot_be_started_says_why(frozen: Path, tmp_path: Path) -> None:
    frozen.unlink()
    with pytest.raises(FileNotFoundError, match="Parfocal build"):
        start_on_its_own("worker", account=tmp_path / "worker.log", name="the-reaper")
