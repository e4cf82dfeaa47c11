"""The steps of packaging/build: standard library only, so that any Python 3.11 can begin."""
