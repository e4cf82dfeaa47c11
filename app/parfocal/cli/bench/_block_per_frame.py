"""Give frames to another process as one would without a ring: a shared block for each of them."""

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from time import perf_counter

import numpy as np


def block_per_frame(count: int, side: int) -> float:
    """Frames a second: allocate, copy, tell the name, wait for the answer, free."""
    frame = np.full((side, side), 7, np.uint16)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    reader = context.Process(target=_read_blocks, args=(theirs, side), daemon=True)
    reader.start()
    ours.recv()
    began = perf_counter()
    for _ in range(count):
        block = SharedMemory(create=True, size=frame.nbytes)
        np.copyto(np.ndarray(frame.shape, frame.dtype, block.buf), frame)
        ours.send(block.name)
        ours.recv()
        block.close()
        block.unlink()
    seconds = perf_counter() - began
    ours.send("")
    reader.join()
    ours.close()
    return count / seconds


def _read_blocks(pipe: Connection, side: int) -> None:
    pipe.send(True)
    while name := pipe.recv():
        block = SharedMemory(name)
        np.ndarray((side, side), np.uint16, block.buf).copy()
        block.close()
        pipe.send(True)
