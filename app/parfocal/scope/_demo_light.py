"""The demo microscope's light: set its power, and the living sample gets brighter or darker."""

from pymmcore_plus.experimental.unicore import GenericDevice

__all__ = ["DemoLight"]

FULL = 100.0  # percent


class DemoLight(GenericDevice):
    """One lamp for all channels, with a power in percent."""

    def __init__(self) -> None:
        super().__init__()
        self.register_property("Power", default_value=FULL, limits=(0.0, FULL), property_type=float)

    def fraction(self) -> float:
        """How much of its full light it gives."""
        return float(self.get_property_value("Power")) / FULL
