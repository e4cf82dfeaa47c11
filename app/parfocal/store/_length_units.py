"""Turn a length unit's name or symbol into micrometres."""

# NGFF writes names, OME-XML and BDV write symbols; symbols differ by case (mm, Mm), names do not
NAMES = {
    "picometer": 1e-6,
    "angstrom": 1e-4,
    "nanometer": 1e-3,
    "micrometer": 1.0,
    "micron": 1.0,
    "millimeter": 1e3,
    "centimeter": 1e4,
    "decimeter": 1e5,
    "meter": 1e6,
    "kilometer": 1e9,
    "inch": 25400.0,
    "foot": 304800.0,
    "yard": 914400.0,
}
SYMBOLS = {
    "pm": 1e-6,
    "Å": 1e-4,
    "nm": 1e-3,
    "µm": 1.0,
    "um": 1.0,
    "mm": 1e3,
    "cm": 1e4,
    "dm": 1e5,
    "m": 1e6,
    "km": 1e9,
    "thou": 25.4,
    "in": 25400.0,
    "ft": 304800.0,
    "yd": 914400.0,
}


def micrometres(unit: str) -> float | None:
    """How many µm the unit is; None for one that is no length (pixel, reference frame)."""
    # µ has two code points (micro sign, Greek mu), and so has Å (Ångström sign, letter)
    symbol = unit.strip().replace("μ", "µ").replace("\u212b", "Å")
    if symbol in SYMBOLS:
        return SYMBOLS[symbol]
    name = symbol.lower().replace("metre", "meter")
    return NAMES.get(name, NAMES.get(name.removesuffix("s")))
