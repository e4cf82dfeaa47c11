"""Say a number of bytes in words."""

__all__ = ["size_in_words"]


def size_in_words(count: int) -> str:
    """In GB, or MB where there are fewer: 2.5 GB, 12.30 MB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.2f} MB"
