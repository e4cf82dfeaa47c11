"""The loop never holds up a run, loses nothing without a word, and ends when it is told to."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loops import SHAPE, Rig, bright, picture

from parfocal.plan import Stimulation
from parfocal.react import ReactError
from parfocal.react._dispenser import How

LIGHT = Stimulation(exposure=5)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Make rigs; they are closed when the test ends."""
    made: list[Rig] = []

    def make(*given: Any, **options: Any) -> Rig:
        made.append(Rig(tmp_path, *given, **options))
        return made[-1]

    yield make
    for one in made:
        one.loop.close()


def soon() -> float:
    return time.perf_counter() + 10


def test_a_frame_becomes_a_mask_and_a_track(rig: Callable[..., Rig]) -> None:
    one = rig(light=LIGHT)
    one.offer(0, 1, 2)
    for t in range(3):
        given = one.loop.wait(t, 0, soon(), one.token)
        assert given.value is not None
        assert np.array_equal(given.value, bright(picture(t)) > 0)
    one.drain()
    counts = one.loop.counts()
    assert (counts.analysed, counts.failed, counts.waiting, counts.frames) == (3, 0, 0, 0)
    lineage = one.loop._field(0).lineages.newest(3)
    assert lineage is not None
    assert lineage[1].table["track"].tolist() == [1]


def test_beyond_sixty_frames_in_flight_pixels_are_read_from_the_store_again(
    rig: Callable[..., Rig],
) -> None:
    gate = threading.Event()
    lookups: list[int] = []

    def do(image: Any) -> Any:
        gate.wait(20)
        return bright(image)

    one = rig(do, loops=100, light=LIGHT)
    read = one.loop._pixels_of
    one.loop._pixels_of = lambda index: lookups.append(index[0]) or read(index)
    one.offer(*range(100))
    counts = one.loop.counts()
    assert (counts.frames, counts.limit, counts.deferred, counts.waiting) == (60, 60, 40, 100)
    gate.set()
    one.drain()
    counts = one.loop.counts()
    assert (counts.frames, counts.deferred, counts.deferred_in_all) == (0, 0, 40)
    assert (counts.analysed, counts.failed, counts.dropped) == (100, 0, 0)
    assert sorted(lookups) == list(range(60, 100))
    # and all is as it had been without a hurry
    calm = rig(bright, loops=100, light=LIGHT)
    for t in range(100):
        calm.offer(t)
        calm.drain()
    after, before = (r.loop._field(0).lineages.newest(100) for r in (one, calm))
    assert after is not None
    assert before is not None
    assert {k: v.tolist() for k, v in after[1].table.items()} == {
        k: v.tolist() for k, v in before[1].table.items()
    }


def test_a_pipeline_that_raises_on_every_third_frame_harms_no_other(
    rig: Callable[..., Rig],
) -> None:
    def do(image: Any) -> Any:
        if image[0, 0] % 3 == 2:
            raise ValueError(f"no cells at {image[0, 0]}")
        return bright(image)

    one = rig(do, loops=12, light=LIGHT)
    one.offer(*range(12))
    how = [one.loop.wait(t, 0, soon(), one.token).how for t in range(8, 12)]
    assert how == [How.SKIPPED, How.HERE, How.HERE, How.SKIPPED]
    one.drain()
    counts = one.loop.counts()
    assert (counts.analysed, counts.failed) == (8, 4)
    assert sorted(one.errors) == sorted(
        f"the segmenter 'mine': ValueError: no cells at {t}" for t in (2, 5, 8, 11)
    )
    lineage = one.loop._field(0).lineages.newest(12)
    assert lineage is not None
    assert lineage[1].table["track"].tolist() == [1]  # walked past the frames that failed


def test_a_frame_whose_pipeline_hangs_is_left_behind_and_its_successors_go_on(
    rig: Callable[..., Rig],
) -> None:
    gate = threading.Event()

    def do(image: Any) -> Any:
        if image[0, 0] == 1:
            gate.wait(20)
        if image[0, 0] == 2:
            time.sleep(0.3)  # so it has to wait for the one that hangs beyond its own time
        found = bright(image)
        if image[0, 0] == 0:  # another cell, above the one that is there later
            found[found > 0] = 2
            found[3, 3] = 1
        return found

    one = rig(do, light=LIGHT, pipeline={"give_up": 1.05})
    one.offer(0, 1, 2, 3, 4)
    one.drain()
    counts = one.loop.counts()
    assert (counts.analysed, counts.failed, counts.frames) == (4, 1, 0)
    assert one.errors == [
        "the pipeline of phase 'a' did not come back within 1.05 s and was left behind"
    ]
    assert one.loop.wait(1, 0, soon(), one.token).how is How.SKIPPED
    lineage = one.loop._field(0).lineages.newest(5)
    assert lineage is not None
    assert lineage[1].table["track"].tolist()[0] == 2  # as it was named before the one that hung
    gate.set()  # what comes now is too late and changes nothing
    time.sleep(0.1)
    assert one.loop.counts() == counts
    assert one.loop.wait(1, 0, soon(), one.token).how is How.SKIPPED


def test_a_pipeline_that_always_hangs_costs_a_few_threads_and_no_more(
    rig: Callable[..., Rig],
) -> None:
    gate = threading.Event()
    one = rig(lambda _: gate.wait(30), loops=60, pipeline={"give_up": 0.15})
    before = threading.active_count()
    one.offer(*range(40))
    one.drain()
    assert one.loop.counts().failed == 40
    assert threading.active_count() - before <= 10
    one.offer(*range(40, 60))  # and those that come later no more
    one.drain()
    assert one.loop.counts().failed == 60
    assert threading.active_count() - before <= 10
    gate.set()
    deadline = time.monotonic() + 5
    while threading.active_count() > before + 2:  # the overseer, and one that waits for work
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_frame_that_never_comes_is_an_error_record(rig: Callable[..., Rig]) -> None:
    one = rig(light=LIGHT)
    one.offer(0)
    one.loop.miss((1, 0, 0, 0), "the camera delivered no frame")
    one.loop.miss((1, 0, 0, 0), "the camera delivered no frame")
    one.offer(1, 2)
    assert one.loop.wait(1, 0, soon(), one.token).how is How.SKIPPED
    one.drain()
    counts = one.loop.counts()
    assert (counts.analysed, counts.failed) == (2, 1)
    assert one.errors == ["t 1 of field 0 is not analysed: the camera delivered no frame"]


def test_a_cancel_ends_a_wait_for_a_mask_at_once_and_says_what_was_dropped(
    rig: Callable[..., Rig],
) -> None:
    gate = threading.Event()
    one = rig(lambda image: gate.wait(5) and bright(image), light=LIGHT)
    one.offer(*range(10))
    given: list[How] = []
    deadline = time.perf_counter() + 80
    waiting = threading.Thread(
        target=lambda: given.append(one.loop.wait(9, 0, deadline, one.token).how)
    )
    waiting.start()
    began = time.perf_counter()
    one.loop.cancel()
    waiting.join(2)
    assert given == [How.CANCELLED]
    gate.set()
    one.loop.close()
    assert time.perf_counter() - began < 2
    counts = one.loop.counts()
    assert counts.analysed + counts.dropped == 10
    assert counts.dropped >= 8
    assert any("not analysed any more" in error for error in one.errors)


def test_memory_is_flat_over_two_thousand_frames(rig: Callable[..., Rig]) -> None:
    one = rig(loops=2100, light=LIGHT)

    def frames(first: int, last: int) -> int:
        for t in range(first, last):
            one.offer(t)
            assert one.loop.wait(t, 0, soon(), one.token).value is not None
        one.drain()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    frames(0, 50)
    tracemalloc.start()
    before = frames(50, 100)
    after = frames(100, 2100)
    tracemalloc.stop()
    grown = after - before
    assert grown < 200 * np.prod(SHAPE) * 2, f"{grown} bytes"
    assert len(one.loop._field(0).masks) <= 4
    assert len(one.loop._field(0).lineages) <= 3


def test_four_fields_are_followed_each_for_itself(rig: Callable[..., Rig]) -> None:
    one = rig(loops=6, fields=4, light=LIGHT)
    for t in range(6):
        for p in range(4):
            one.offer(t, p=p)
    one.drain()
    assert one.loop.counts().analysed == 24
    for p in range(4):
        lineage = one.loop._field(p).lineages.newest(6)
        assert lineage is not None
        assert lineage[1].table["track"].tolist() == [1]


def test_a_model_that_does_not_load_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    (tmp_path / "heavy.py").write_text(
        "class Heavy:\n"
        "    def prewarm(self): raise OSError('weights.pt is not there')\n"
        "    def segment(self, image): return image\n"
    )
    with pytest.raises(ReactError, match=r"the segmenter 'heavy' cannot be loaded.*weights\.pt"):
        Rig(tmp_path, pipeline={"segment": "heavy"})


def test_a_run_that_follows_a_cancelled_one_is_not_cancelled(rig: Callable[..., Rig]) -> None:
    first = rig(light=LIGHT)
    first.loop.cancel()
    first.loop.close()
    second = rig(light=LIGHT)
    second.offer(0)
    assert second.loop.wait(0, 0, soon(), second.token).value is not None
