"""What the window can do, declared once: key, text, icon, shortcut, and where it is offered.

Menus, left bar, shortcuts and command palette are made from this table (ui/actions.py).
"""

from __future__ import annotations

from parfocal.ui._declared import Declared, Place, menus, submenus
from parfocal.ui._help_declarations import help_actions, settings_actions
from parfocal.ui._jobs_declarations import jobs_actions
from parfocal.ui._run_declarations import run_actions
from parfocal.ui._viewer_declarations import viewer_actions
from parfocal.ui.text import tr

__all__ = ["Declared", "Place", "declared", "menus", "submenus"]


def declared() -> tuple[Declared, ...]:
    """Every action of the window."""
    return (
        *_file_and_edit(),
        *settings_actions(),
        *run_actions(),
        *_microscope(),
        *_store(),
        *jobs_actions(),
        *_view(),
        *viewer_actions(),
        *help_actions(),
    )


def _file_and_edit() -> tuple[Declared, ...]:
    return (
        Declared("file.new", tr("&New plan"), "file-plus-outline", "file/1_open", "Ctrl+N"),
        Declared("file.open", tr("&Open plan…"), "folder-open-outline", "file/1_open", "Ctrl+O"),
        Declared("file.recent", tr("Open &recent…"), "history", "file/1_open", "Ctrl+Shift+T"),
        Declared("file.save", tr("&Save plan"), "content-save-outline", "file/2_save", "Ctrl+S"),
        Declared(
            "file.save_as",
            tr("Save plan &as…"),
            "content-save-edit-outline",
            "file/2_save",
            "Ctrl+Shift+S",
        ),
        Declared("file.quit", tr("&Quit"), "power", "file/9_quit", "Ctrl+Q"),
        Declared("edit.undo", tr("&Undo"), "undo", "edit/1_undo", "Ctrl+Z"),
        Declared("edit.redo", tr("&Redo"), "redo", "edit/1_undo", "Ctrl+Shift+Z"),
        *_items_of_the_plan(),
    )


def _items_of_the_plan() -> tuple[Declared, ...]:
    """What can be done to the chosen phase, wait or hold of Design."""
    return (
        Declared(
            "edit.add_phase",
            tr("Add a &phase"),
            "layers-triple-outline",
            "edit/2_add",
            "Ctrl+Alt+N",
        ),
        Declared("edit.add_wait", tr("Add a &wait"), "timer-sand", "edit/2_add", "Ctrl+Alt+W"),
        Declared(
            "edit.add_hold",
            tr("Add a &hold for a person"),
            "hand-back-right-outline",
            "edit/2_add",
            "Ctrl+Alt+H",
        ),
        Declared("edit.duplicate", tr("&Duplicate"), "content-copy", "edit/3_item", "Ctrl+D"),
        Declared("edit.rename", tr("Re&name"), "pencil-outline", "edit/3_item"),
        Declared("edit.delete", tr("De&lete"), "delete-outline", "edit/3_item"),
        Declared("edit.move_up", tr("&Move up"), "arrow-up", "edit/3_item", "Alt+Up"),
        Declared("edit.move_down", tr("Move d&own"), "arrow-down", "edit/3_item", "Alt+Down"),
    )


def _microscope() -> tuple[Declared, ...]:
    return (
        Declared("microscope.snap", tr("S&nap"), "camera-outline", "microscope/1_look", "Ctrl+K"),
        Declared("microscope.live", tr("&Live"), "video-outline", "microscope/1_look", "Ctrl+L"),
        Declared(
            "microscope.halt",
            tr("&Halt the stage"),
            "hand-back-right-outline",
            "microscope/2_stage",
            "Ctrl+Shift+H",
            tr("Stop every movement at once; a run is stopped too"),
        ),
        Declared(
            "microscope.open",
            tr("&Open the microscope"),
            "power-plug-outline",
            "microscope/3_open",
            "",
            tr("Open what is chosen in the Microscope workspace"),
        ),
        Declared(
            "microscope.reopen",
            tr("Reop&en the microscope"),
            "reload",
            "microscope/3_open",
            "",
            tr("Close it and open it anew, after a device that no longer answers"),
        ),
        Declared(
            "microscope.close", tr("&Close the microscope"), "eject-outline", "microscope/3_open"
        ),
        Declared(
            "microscope.properties",
            tr("All &properties…"),
            "tune-variant",
            "microscope/4_devices",
            "Ctrl+Alt+P",
            tr("Every property of every device, in a panel beside the workspaces"),
            checkable=True,
        ),
        Declared(
            "microscope.presets", tr("Edit p&resets…"), "playlist-edit", "microscope/4_devices"
        ),
        Declared("microscope.pixel_sizes", tr("Pixel &sizes…"), "ruler", "microscope/4_devices"),
        Declared(
            "microscope.projector",
            tr("Go to the pro&jector"),
            "target",
            "microscope/4_devices",
        ),
        Declared(
            "microscope.wizard",
            tr("Hardware &wizard…"),
            "wrench-outline",
            "microscope/4_devices",
            "",
            tr("Make or change a configuration; the microscope is closed meanwhile"),
        ),
        Declared("microscope.new_profile", tr("New pro&file…"), "plus", "microscope/5_profiles"),
        Declared(
            "microscope.edit_profile",
            tr("E&dit the profile…"),
            "pencil-outline",
            "microscope/5_profiles",
        ),
        Declared(
            "microscope.delete_profile",
            tr("Dele&te the profile…"),
            "delete-outline",
            "microscope/5_profiles",
        ),
    )


def _store() -> tuple[Declared, ...]:
    return (
        Declared(
            "store.open_folder",
            tr("Open a &folder of stores…"),
            "folder-search-outline",
            "store/1_open",
            "Ctrl+Shift+O",
        ),
        Declared(
            "store.ingest",
            tr("&Ingest files…"),
            "download-outline",
            "store/1_open",
            "Ctrl+Alt+I",
            tr("Make stores of images of other programs, every chunk proven"),
        ),
        Declared(
            "store.migrate",
            tr("Mi&grate a store…"),
            "autorenew",
            "store/1_open",
            "Ctrl+Alt+M",
            tr("Make a store of an older or foreign Zarr store, every chunk proven"),
        ),
        Declared("store.view", tr("Open in the &viewer"), "eye-outline", "store/2_one", "Ctrl+E"),
        Declared(
            "store.view_fields",
            tr("&Look at some fields…"),
            "view-grid-outline",
            "store/2_one",
            "Ctrl+Alt+E",
            tr("Choose fields of the store and a viewer to see them in"),
        ),
        Declared("store.check", tr("&Check the store"), "database-check-outline", "store/2_one"),
        Declared(
            "store.check_deep",
            tr("Check ever&y pixel"),
            "check-decagram-outline",
            "store/2_one",
            "",
            tr("Read the whole store: what a disk lost or changed in the pixels is found"),
        ),
        Declared(
            "store.recover",
            tr("Rec&over the store"),
            "wrench-outline",
            "store/2_one",
            "",
            tr("Repair what a killed recording left: keep what is whole, say what is missing"),
        ),
        Declared(
            "store.pyramid",
            tr("Build the &pyramid"),
            "layers-triple-outline",
            "store/3_make",
            "",
            tr("Make the coarser resolution levels that viewers use when zoomed out"),
        ),
        Declared(
            "store.export",
            tr("&Export…"),
            "export",
            "store/3_make",
            "Ctrl+Shift+E",
            tr("Write planes or projections as an OME-TIFF or as a store of their own"),
        ),
        Declared("store.reveal", tr("Show in the file &manager"), "open-in-new", "store/2_one"),
    )


def _view() -> tuple[Declared, ...]:
    spaces = (
        ("microscope", tr("Show &Microscope"), tr("Microscope"), "microscope"),
        ("design", tr("Show &Design"), tr("Design"), "clipboard-text-outline"),
        ("run", tr("Show &Run"), tr("Run"), "play-circle-outline"),
        ("store", tr("Show &Store"), tr("Store"), "database-outline"),
        ("jobs", tr("Show &Jobs"), tr("Jobs"), "tray-full"),
    )
    looks = (
        ("system", tr("Theme of the &system"), "theme-light-dark"),
        ("light", tr("&Light theme"), "weather-sunny"),
        ("dark", tr("&Dark theme"), "weather-night"),
    )
    return (
        *(
            Declared(
                f"view.{name}",
                text,
                drawing,
                "view/1_spaces",
                f"Ctrl+{place}",
                short=short,
                checkable=True,
                bar="workspaces",
            )
            for place, (name, text, short, drawing) in enumerate(spaces, 1)
        ),
        *(
            Declared(f"view.theme.{name}", text, drawing, "theme/1_theme", checkable=True)
            for name, text, drawing in looks
        ),
        Declared(
            "view.messages",
            tr("M&essages"),
            "bell-outline",
            "view/3_panels",
            "Ctrl+Shift+M",
            tr("Everything that was said since the window opened"),
            checkable=True,
        ),
        Declared(
            "view.viewers",
            tr("&Viewers"),
            "monitor-eye",
            "view/3_panels",
            "Ctrl+Shift+V",
            tr("The napari windows: how each is, and what can be done about it"),
            checkable=True,
        ),
        Declared("view.reset_layout", tr("Reset &layout"), "restore", "view/3_panels"),
        Declared(
            "view.palette",
            tr("&Find an action…"),
            "magnify",
            "view/4_find",
            "Ctrl+Shift+P",
            palette=False,
        ),
    )
