"""Some fields of a store are shown as if there were no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parfocal.viewer import ViewerError
from parfocal.viewer._chosen_fields import ChosenFields, open_store
from parfocal.viewer._store_source import StoreSource
from viewer.cells import MISSING, frame, record


def test_a_chosen_field_has_its_own_planes_names_and_reasons(tmp_path: Path) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    whole, chosen = StoreSource(store), ChosenFields(StoreSource(store), [1])
    try:
        assert chosen.facts.sizes.p == 1
        assert chosen.facts.fields == whole.facts.fields[1:]
        assert np.array_equal(chosen.plane((1, 0, 1, 2)), frame((1, 1, 1, 2)))
        t, p, c = MISSING
        assert p == 1
        assert not chosen.stored((t, 0, c, 0))
        assert chosen.absence((t, 0, c, 0)) == whole.absence((t, p, c, 0))
        assert chosen.contrast(0) == whole.contrast(0)
        assert not chosen.refresh()
    finally:
        whole.close()
        chosen.close()


def test_the_order_is_the_persons_and_none_comes_twice(tmp_path: Path) -> None:
    chosen = ChosenFields(StoreSource(record(tmp_path / "cells.ome.zarr")), [1, 0, 1])
    assert [field.name for field in chosen.facts.fields] == ["Pos001", "Pos000"]
    chosen.close()


@pytest.mark.parametrize("fields", [[2], [-1], ["0"], "01", [True], {"p": 0}])
def test_a_choice_that_makes_no_sense_is_refused(tmp_path: Path, fields: object) -> None:
    store = record(tmp_path / "cells.ome.zarr")
    with pytest.raises(ViewerError):
        open_store(store, fields)
