"""Name the kinds of ways on which people are told, for the settings and for a scan's form."""

from parfocal.ui.text import tr

__all__ = ["MAIL", "way_kinds"]

MAIL = "email"


def way_kinds() -> dict[str, str]:
    """The kinds of ways with their words."""
    return {
        MAIL: tr("E-mail"),
        "slack": tr("Slack"),
        "teams": tr("Teams"),
        "json": tr("Web hook"),
    }
