"""Make the icons of pymmcore-widgets local: `use_local_icons` before any of its widgets."""


def use_local_icons() -> None:
    """Answer pyconify from the shipped files; it asks the network for every icon otherwise."""
