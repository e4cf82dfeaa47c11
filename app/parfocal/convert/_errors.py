"""Tell conversion's refusals from faults of the program."""

from parfocal import ParfocalError


class ConvertError(ParfocalError):
    """What cannot be converted, and why, in a sentence for the person who asked."""


class SourceDamaged(ConvertError):  # noqa: N818 - what is said of it
    """A part of the source cannot be read: nothing of it is kept, since a mended one is another."""


class ConversionInUse(ConvertError):  # noqa: N818
    """The same conversion goes on in another process."""


class DataElsewhere(ConvertError):  # noqa: N818 - what is said of it
    """A record of an experiment is here, and the data that it names are not."""

    def __init__(self, sentence: str, saved_in: str) -> None:
        super().__init__(sentence)
        self.saved_in = saved_in
