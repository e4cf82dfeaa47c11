"""Run inside the viewer child: the only place of this room that imports napari and Qt."""
