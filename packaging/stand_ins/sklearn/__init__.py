"""Not scikit-learn: the one function that laptrack imports of it at its start, see contents.py."""
