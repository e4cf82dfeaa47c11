"""What can be done with the viewers, declared: the panel binds it, the View menu offers it too."""

from __future__ import annotations

from parfocal.ui._declared import Declared
from parfocal.ui.text import tr


def viewer_actions() -> tuple[Declared, ...]:
    """Opening one, and what may be asked of the one that is chosen in the Viewers panel."""
    return (
        Declared(
            "viewer.new",
            tr("&New viewer"),
            "plus",
            "viewer/1_open",
            "Ctrl+Alt+V",
            tr("On the store that is chosen in Store, else on the run"),
            short=tr("New"),
        ),
        Declared(
            "viewer.show_store",
            tr("&Show a store…"),
            "folder-open-outline",
            "viewer/1_open",
            "",
            tr("Choose a store and open a viewer on it"),
            short=tr("Show store…"),
        ),
        Declared(
            "viewer.restart",
            tr("&Restart the viewer"),
            "reload",
            "viewer/2_one",
            "",
            tr("Open it once more on what it shows; one that hangs is ended"),
            short=tr("Restart"),
        ),
        Declared(
            "viewer.keep_open",
            tr("&Keep the viewer open"),
            "lock-open-outline",
            "viewer/2_one",
            "",
            tr("It stays when Parfocal closes, and is met again at the next start"),
            short=tr("Keep open"),
        ),
        Declared(
            "viewer.close",
            tr("&Close the viewer"),
            "close-circle-outline",
            "viewer/2_one",
            "",
            tr("Ask it to close; the store has all that it shows"),
            short=tr("Close"),
        ),
        Declared(
            "viewer.end",
            tr("&End the viewer"),
            "stop-circle-outline",
            "viewer/2_one",
            "",
            tr("For one that does not respond: it is asked once more, then terminated"),
            short=tr("End"),
        ),
        Declared(
            "viewer.said",
            tr("&What it said…"),
            "text-box-outline",
            "viewer/3_ended",
            "",
            tr("Why it ended, and the end of what it wrote"),
            short=tr("What it said…"),
        ),
        Declared(
            "viewer.remove",
            tr("Remove fro&m the list"),
            "delete-outline",
            "viewer/3_ended",
            short=tr("Remove"),
        ),
        Declared(
            "viewer.attach",
            tr("&Attach the viewer"),
            "lan-connect",
            "viewer/4_before",
            "",
            tr("Take up a viewer that was kept open before"),
            short=tr("Attach"),
        ),
        Declared(
            "viewer.leave",
            tr("&Leave the viewer"),
            "open-in-new",
            "viewer/4_before",
            "",
            tr("Let it stay open by itself, and ask no more"),
            short=tr("Leave"),
        ),
    )
