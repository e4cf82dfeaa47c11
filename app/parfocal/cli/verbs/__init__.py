"""One module a verb: `add_arguments(parser)`, `run(arguments) -> Outcome`."""
