"""What is to be known of one converted item, as a small page of text. No widgets."""

from html import escape

from parfocal.convert import BatchItem, ItemProgress, ItemState
from parfocal.ui.convert_wizard._words import what_becomes
from parfocal.ui.text import number, tr
from parfocal.ui.theme import Theme, Token

__all__ = ["report_html"]


def report_html(item: BatchItem, now: ItemProgress, theme: Theme) -> str:
    """Where it is from, how it was done, what was assumed and what is to be minded."""
    lines = [_pair(tr("Source"), str(item.source)), _pair(tr("Store"), str(item.destination))]
    if now.state is ItemState.DONE:
        lines.append(_pair(tr("How"), _how(now)))
    lines += [_marked(theme, "error", tr("Failed"), now.problem)] if now.problem else []
    lines += [_marked(theme, "warn", tr("Warning"), warning) for warning in now.warnings]
    lines += [_marked(theme, "warn", tr("Assumed"), guess) for guess in now.guessed]
    if now.previous:
        words = tr("the store that was there is kept; “parfocal rollback” puts it back")
        lines.append(_pair(tr("Before"), words))
    return "<table cellspacing=4>" + "".join(lines) + "</table>"


def _how(now: ItemProgress) -> str:
    names = what_becomes()
    counts = ", ".join(
        (tr("1 array {done}") if count == 1 else tr("{n} arrays {done}")).format(
            n=number(count), done=names.get(action, action)
        )
        for action, count in now.actions.items()
    )
    words = f"{now.kind}: {counts}" if counts else now.kind
    return words + (" · " + tr("gone on with after an interruption") if now.resumed else "")


def _pair(name: str, text: str) -> str:
    return f"<tr><td><b>{escape(name)}</b>&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"


def _marked(theme: Theme, token: Token, name: str, text: str) -> str:
    color = theme.color(token).name()
    named = f'<td><b style="color:{color}">{escape(name)}</b>&nbsp;&nbsp;</td>'
    return f"<tr>{named}<td>{escape(text)}</td></tr>"
