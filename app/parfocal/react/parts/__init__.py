"""The parts that are built in; each module imports its library only when it is used."""
