"""Name what h5py raises for a file that is damaged: HDF5's own words come in any of these."""

__all__ = ["DAMAGED_HDF5"]

DAMAGED_HDF5 = (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError)
