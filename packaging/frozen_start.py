"""What the frozen program starts with; the spec's entry script."""

import multiprocessing

# First statement, or SharedMemory's resource tracker starts the whole program once more.
multiprocessing.freeze_support()

import sys  # noqa: E402

from parfocal.__main__ import main  # noqa: E402

sys.exit(main())
