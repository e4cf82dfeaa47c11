"""One module a verb: `SUMMARY`, `add_arguments(parser)`, `run(arguments) -> Outcome`."""
