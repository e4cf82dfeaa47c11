"""Give programs that the frozen one starts (a file manager, Xvfb) the environment they expect.

PyInstaller's loader puts its own folder first among the places of shared libraries. This process
has read that already; for others it is wrong, and our own children get it again from their loader.
"""

import os

for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
    before = os.environ.pop(f"{name}_ORIG", None)
    if before is not None:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)
