"""Make the field in which a parameter is given, by its type: each tells a value of that type."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from parfocal.ui.design_workspace._fields import SenseField
from parfocal.ui.design_workspace._part_boxes import PartsButton
from parfocal.ui.text import tr

if TYPE_CHECKING:
    from parfocal.react import Parameter

__all__ = ["ParameterField", "field_of"]

DECIMALS = 3
MOST = 1_000_000_000
Tell = Callable[[Any], None]


class ParameterField(Protocol):
    """A field: its widget, how a value is shown in it, and what it complains of."""

    widget: QWidget

    def show(self, value: Any) -> None:
        """Show a value without telling of it."""


def field_of(
    parameter: "Parameter", channels: Sequence[str], tell: Tell, complain: Callable[[str], None]
) -> ParameterField:
    """The field of a parameter; `tell(value)` hears of each edit, `complain` what makes none."""
    if parameter.form in ("whole", "figure") and not parameter.may_be_none:
        return _Figure(parameter, tell)
    if parameter.form == "tick" and not parameter.may_be_none:
        return _Tick(tell)
    if parameter.form == "choice":
        return _Choice(parameter, parameter.choices, tell)
    if parameter.form == "channel":
        return _Choice(parameter, tuple(channels), tell)
    if parameter.form == "channels":
        return _Channels(channels, tell)
    return _Text(parameter, tell, complain)


class _Figure:
    """A whole number or a figure between its bounds, with its unit."""

    def __init__(self, parameter: "Parameter", tell: Tell) -> None:
        box: QSpinBox | QDoubleSpinBox
        low = -MOST if parameter.low is None else parameter.low
        high = MOST if parameter.high is None else parameter.high
        if parameter.form == "whole":
            box = whole = QSpinBox()
            whole.setRange(
                int(low) + parameter.low_is_open, max(int(low), int(high) - parameter.high_is_open)
            )
        else:
            box = figure = _ShortFigures()
            figure.setDecimals(DECIMALS)
            step = 10.0**-DECIMALS
            figure.setRange(
                low + step * parameter.low_is_open, high - step * parameter.high_is_open
            )
            narrow = parameter.high is not None and high - low <= 10
            figure.setSingleStep(0.05 if narrow else 0.5)
        if parameter.unit:
            box.setSuffix(parameter.unit if parameter.unit == "°" else f" {parameter.unit}")
        box.setAccelerated(True)
        box.valueChanged.connect(tell)
        self.widget: QWidget = box
        self._box = box

    def show(self, value: Any) -> None:
        """A value that is no number is not shown as one."""
        if isinstance(value, int | float) and value != self._box.value():
            before = self._box.blockSignals(True)
            if isinstance(self._box, QSpinBox):
                self._box.setValue(int(value))
            else:
                self._box.setValue(float(value))
            self._box.blockSignals(before)


class _ShortFigures(QDoubleSpinBox):
    """2 and 0.35, where Qt would write 2.000 and 0.350."""

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's own name
        places = next(n for n in range(DECIMALS + 1) if n == DECIMALS or round(value, n) == value)
        return self.locale().toString(float(value), "f", places)


class _Tick:
    def __init__(self, tell: Tell) -> None:
        self._box = QCheckBox(tr("yes"))
        self._box.clicked.connect(tell)
        self.widget: QWidget = self._box

    def show(self, value: Any) -> None:
        self._box.setChecked(bool(value))


class _Choice:
    """One of a few words; one that is not offered is shown all the same."""

    def __init__(self, parameter: "Parameter", choices: Sequence[Any], tell: Tell) -> None:
        self._box = QComboBox()
        self._box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._box.setMinimumContentsLength(8)
        self._values: list[Any] = []
        if parameter.may_be_none:
            self._offer(None, tr("as the part has it"))
        for choice in choices:
            self._offer(choice, str(choice))
        self._box.activated.connect(lambda place: tell(self._values[place]))
        self.widget: QWidget = self._box

    def show(self, value: Any) -> None:
        if value not in self._values:
            self._offer(value, tr("choose…") if value is None else str(value))
        self._box.setCurrentIndex(self._values.index(value))

    def _offer(self, value: Any, words: str) -> None:
        self._values.append(value)
        self._box.addItem(words)


class _Channels:
    """Some of the plan's channels; none ticked is all of them."""

    def __init__(self, channels: Sequence[str], tell: Tell) -> None:
        self._button = PartsButton(tr("every channel"))
        self._button.chosen.connect(lambda names: tell(list(names)))
        self._channels = tuple(channels)
        self.widget: QWidget = self._button

    def show(self, value: Any) -> None:
        self._button.show_names(self._channels, tuple(map(str, value or ())))


class _Text:
    """A word, a figure that may be left out, or anything else as YAML writes it."""

    def __init__(self, parameter: "Parameter", tell: Tell, complain: Callable[[str], None]) -> None:
        field = SenseField(lambda text: _read(text, parameter), lambda value: _write(value))
        if parameter.may_be_none:
            required = parameter.required
            field.setPlaceholderText(tr("needed") if required else tr("as the part has it"))
        field.changed.connect(tell)
        field.wrong.connect(complain)
        self.widget: QWidget = field
        self._field = field

    def show(self, value: Any) -> None:
        self._field.show_value(value)


def _read(text: str, parameter: "Parameter") -> Any:
    """What was typed; a `ValueError` is a sentence."""
    import yaml

    if parameter.form == "text":
        return text if text or not parameter.may_be_none else None
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError(
            tr("{name}: “{text}” is no value.").format(name=parameter.name, text=text)
        ) from None
    if value is None and parameter.may_be_none:
        return None
    wanted: tuple[type, ...] = {"whole": (int,), "figure": (int, float)}.get(parameter.form, ())
    if wanted and (not isinstance(value, wanted) or isinstance(value, bool)):
        raise ValueError(tr("{name} has to be a number.").format(name=parameter.name))
    return value


def _write(value: Any) -> str:
    import yaml

    from parfocal._yaml_text import YamlWriter

    if value is None:
        return ""
    if isinstance(value, str):
        return value
    text: str = yaml.dump(value, Dumper=YamlWriter, default_flow_style=True, width=MOST)
    return text.removesuffix("\n").removesuffix("\n...")
