"""Make real disks with real faults for the tests of the store: small ones and slow ones."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

BLKIO = Path("/sys/fs/cgroup/blkio")
MOMENTS = 20


@contextlib.contextmanager
def mount_point() -> Iterator[Path]:
    """A folder outside pytest's: a mount that outlives a killed test would fail pytest's clean-up
    for everybody on this machine."""
    folder = Path(tempfile.mkdtemp(prefix="parfocal-tests-disk-"))
    try:
        yield folder
    finally:
        folder.rmdir()


@contextlib.contextmanager
def small_disk(size: str, *others: str) -> Iterator[Path]:
    """A file system of its own of this size (`4m`), with other mount options (`nr_inodes=20`)."""
    with mount_point() as folder:
        _mount_memory(folder, [f"size={size}", *others])
        try:
            yield folder
        finally:
            unmount(folder)


def _mount_memory(folder: Path, options: list[str]) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    if sys.platform != "linux":
        pytest.skip("a small file system can be mounted on Linux")
    refused = subprocess.run(mount, capture_output=True, text=True)
    if refused.returncode:
        pytest.skip(f"the kernel mounts no small disk here: {refused.stderr.strip()}")


def unmount(folder: Path) -> None:
    """Take it away even if somebody still has a file open, and then say so."""
    for _ in range(MOMENTS):  # a library's thread may be closing the last one just now
        busy = subprocess.run(["umount", str(folder)], capture_output=True, text=True)
        if not busy.returncode:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    raise AssertionError(f"a file is still open: {busy.stderr.strip()}")


@contextlib.contextmanager
def freezing_disk(image: Path, size: int = 16 * 2**20) -> Iterator[Path]:
    """A file system of its own that `frozen` can stall, as a network disk does."""
    if sys.platform != "linux" or not all(map(shutil.which, ("mkfs.ext4", "fsfreeze"))):
        pytest.skip("a disk can be frozen on Linux, with mkfs.ext4 and fsfreeze")
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    with mount_point() as folder:
        mount = ["mount", "-o", "loop", str(image), str(folder)]
        refused = subprocess.run(mount, capture_output=True, text=True)
        if refused.returncode:
            pytest.skip(f"the kernel mounts no loop device: {refused.stderr.strip()}")
        try:
            yield folder
        finally:
            unmount(folder)


@contextlib.contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """Whoever writes to this file system waits, as long as this goes on."""
    subprocess.run(["fsfreeze", "-f", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "-u", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> None:
    """Another program takes all but the last `leave` bytes."""
    with (folder / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))
    size = (folder / "filler").stat().st_size
    os.truncate(folder / "filler", max(0, size - leave))


@contextlib.contextmanager
def slow_disk(size: int, rate: int) -> Iterator[tuple[Path, Path]]:
    """An ext4 on a loop device that takes `rate` bytes a second, and the group to put a child in.

    The kernel's own throttle (blkio) holds back whoever is in the group. The file system is
    mounted `sync`, because the throttle of a version 1 group sees what the writer itself hands
    over, and not what the kernel flushes later on behalf of nobody.
    """
    tools = ("mkfs.ext4", "losetup", "mount")
    if not all(map(shutil.which, tools)) or not BLKIO.is_dir():
        pytest.skip("a disk is throttled with mkfs.ext4, losetup and the blkio control group")
    with contextlib.ExitStack() as undo:
        folder = undo.enter_context(mount_point())
        image, group = folder.with_suffix(".img"), BLKIO / folder.name
        with image.open("wb") as file:
            file.truncate(size)
        undo.callback(image.unlink)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        attach = ["losetup", "--direct-io=on", "--find", "--show", str(image)]
        attached = subprocess.run(attach, capture_output=True, text=True)
        if attached.returncode:
            pytest.skip(f"the kernel gives no loop device: {attached.stderr.strip()}")
        device = attached.stdout.strip()
        undo.callback(subprocess.run, ["losetup", "--detach", device], check=True)
        mounted = subprocess.run(
            ["mount", "-o", "sync", device, str(folder)], capture_output=True, text=True
        )
        if mounted.returncode:
            pytest.skip(f"the kernel mounts no loop device: {mounted.stderr.strip()}")
        undo.callback(unmount, folder)
        group.mkdir()
        undo.callback(group.rmdir)
        number = Path(f"/sys/block/{Path(device).name}/dev").read_text().strip()
        (group / "blkio.throttle.write_bps_device").write_text(f"{number} {rate}\n")
        yield folder, group
