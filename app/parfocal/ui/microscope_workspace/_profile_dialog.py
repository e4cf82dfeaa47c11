"""Make or change a microscope's profile; what is wrong is said beside the field, in a sentence."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from parfocal import ParfocalError
from parfocal.scope import Profile, delete_profile, profiles, write_profile
from parfocal.ui.icons import icon
from parfocal.ui.microscope_workspace._profile_fields import (
    FieldError,
    RangeField,
    TableField,
)
from parfocal.ui.microscope_workspace._profile_tables import (
    cameras_table,
    powers_table,
    read_cameras,
    read_powers,
)
from parfocal.ui.note import Note
from parfocal.ui.text import tr
from parfocal.ui.theme import Theme

LIMITS = {
    "x_um": (tr("x"), "µm"),
    "y_um": (tr("y"), "µm"),
    "z_um": (tr("z"), "µm"),
    "exposure_ms": (tr("Exposure"), "ms"),
}


class ProfileDialog(QDialog):
    """`saved` names the profile that was written."""

    saved = pyqtSignal(str)

    def __init__(
        self, theme: Theme, profile: Profile | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._before = profile
        known = profile or Profile.model_construct(name="")
        self.setWindowTitle(
            tr("New microscope profile")
            if profile is None
            else tr("Profile {name}").format(name=profile.name)
        )
        self.name = QLineEdit(known.name)
        self.configuration = _path_edit(known.configuration, tr("Configuration"))
        self.adapters = _path_edit(known.adapters, tr("Adapters"))
        self.adapters.setPlaceholderText(tr("the Micro-Manager that is found"))
        self.limits = {
            key: RangeField(what, unit, getattr(known.limits, key))
            for key, (what, unit) in LIMITS.items()
        }
        self.cameras = cameras_table(known)
        self.powers = powers_table(known)
        self.deadline = QDoubleSpinBox()
        self.deadline.setRange(0.1, 3600)
        self.deadline.setValue(known.deadline_s)
        self.deadline.setSuffix(" s")
        self.remarks = QPlainTextEdit(known.remarks)
        self.notes = {
            key: Note(theme, tr("What is wrong"))
            for key in ("name", "configuration", "adapters", "limits", "cameras", "power", "saving")
        }
        self.tabs = QTabWidget()
        self._lay_out()

    def save(self) -> bool:
        """Write the profile; False: something is wrong, and it is said where."""
        for note in self.notes.values():
            note.say("")
        made = self._profile()
        if made is None:
            return False
        before = None if self._before is None else self._before.name
        if made.name != before and made.name in profiles():
            self.notes["name"].say(
                tr("There is a profile “{name}” already; choose another name.").format(
                    name=made.name
                )
            )
            return False
        try:
            write_profile(made)
            if before is not None and before != made.name:
                delete_profile(before)
        except ParfocalError as error:
            self.notes["saving"].say(str(error))
            return False
        self.accept()
        self.saved.emit(made.name)
        return True

    # -- parts

    def _profile(self) -> Profile | None:
        """What the fields say, or None when something is wrong with it."""
        values: dict[str, Any] = {} if self._before is None else self._before.model_dump()
        values["name"] = self.name.text().strip()
        for key, edit in (("configuration", self.configuration), ("adapters", self.adapters)):
            values[key] = Path(edit.text().strip()).expanduser() if edit.text().strip() else None
        values["deadline_s"] = self.deadline.value()
        values["remarks"] = self.remarks.toPlainText().strip()
        values["limits"] = dict(values.get("limits") or {})
        parts: tuple[tuple[str, Any], ...] = (
            ("limits", lambda: values["limits"].update(self._limits())),
            ("power", lambda: values["limits"].update(power=read_powers(self.powers))),
            ("cameras", lambda: values.update(cameras=read_cameras(self.cameras, self._before))),
        )
        wrong = {}
        for key, read in parts:
            try:
                read()
            except FieldError as error:
                wrong[key] = str(error)
        for key, kind in (("configuration", Path.is_file), ("adapters", Path.is_dir)):
            path = values[key]
            if path is not None and not kind(path):
                wrong[key] = tr("There is no such file: {path}").format(path=path)
        made = None
        if not wrong:
            try:
                made = Profile.model_validate(values)
            except ValidationError as error:
                wrong = dict(_placed(fault) for fault in error.errors(include_url=False))
        for key, sentence in wrong.items():
            self.notes[key].say(sentence)
        for tab, keys in enumerate((("limits",), ("cameras",), ("power",))):
            if set(keys) & set(wrong):
                self.tabs.setCurrentIndex(tab)
                break
        return made

    def _limits(self) -> dict[str, tuple[float, float] | None]:
        return {key: field.value() for key, field in self.limits.items()}

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("&Name"), self.name)
        form.addRow(self.notes["name"])
        form.addRow(tr("&Configuration"), self._browsing(self.configuration, folder=False))
        form.addRow(self.notes["configuration"])
        form.addRow(tr("&Adapters"), self._browsing(self.adapters, folder=True))
        form.addRow(self.notes["adapters"])
        ranges = QFormLayout()
        for key, (what, _unit) in LIMITS.items():
            ranges.addRow(what, self.limits[key])
        more = QFormLayout()
        more.addRow(tr("A device may take"), self.deadline)
        more.addRow(tr("Remarks"), self.remarks)
        for title, parts in (
            (tr("Limits"), (ranges, self.notes["limits"])),
            (tr("Cameras"), (self.cameras, self.notes["cameras"])),
            (tr("Light power"), (self.powers, self.notes["power"])),
            (tr("More"), (more,)),
        ):
            self.tabs.addTab(_page(*parts), title)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        for button in buttons.buttons():
            button.setIcon(QIcon())  # the style's are dark on the dark theme
        buttons.accepted.connect(self.save)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.notes["saving"])
        layout.addWidget(buttons)
        self.resize(560, 520)

    def _browsing(self, edit: QLineEdit, *, folder: bool) -> QWidget:
        button = QPushButton(icon("folder-open-outline"), "")
        button.setToolTip(tr("Choose it"))
        button.setAccessibleName(tr("Choose the adapters' folder" if folder else "Choose the file"))

        def browse() -> None:
            if folder:
                name = QFileDialog.getExistingDirectory(self, tr("Adapters"), edit.text())
            else:
                kinds = tr("Micro-Manager configurations (*.cfg)")
                name = QFileDialog.getOpenFileName(self, tr("Configuration"), edit.text(), kinds)[0]
            if name:
                edit.setText(name)

        button.clicked.connect(browse)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(edit, 1)
        row.addWidget(button)
        both.setFocusProxy(edit)
        return both


def _page(*parts: Any) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part, 1 if isinstance(part, TableField) else 0)
        else:
            layout.addLayout(part)
    if not any(isinstance(part, TableField) for part in parts):
        layout.addStretch(1)
    return page


def _path_edit(path: Path | None, name: str) -> QLineEdit:
    edit = QLineEdit("" if path is None else str(path))
    edit.setAccessibleName(name)
    edit.setPlaceholderText(tr("none: no hardware"))
    return edit


def _placed(fault: Any) -> tuple[str, str]:
    """Beside which field a fault is said, and the sentence."""
    first, *rest = (str(part) for part in fault["loc"])
    key = "power" if first == "limits" and rest[:1] == ["power"] else first
    what = LIMITS.get(rest[0], ("",))[0] if rest else ""
    said = str(fault["msg"]).removeprefix("Value error, ")
    sentence = f"{what}: {said}." if what else f"{said[0].upper()}{said[1:]}."
    known = {"name", "configuration", "adapters", "limits", "cameras", "power"}
    return (key if key in known else "saving"), sentence
