"""Hand letters over to web hooks and mail servers; nothing here can delay a job."""

import base64
import http.client
import json
import logging
import smtplib
import sqlite3
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from parfocal.jobs._database import Database
from parfocal.jobs._outbox import Letter, claim_letter, delivered, put_back

__all__ = ["deliver_all", "deliver_next", "hand_over"]

PATIENCE_S = 10.0
PER_MINUTE = 20
MOST_PICTURE_BYTES = 4 * 2**20
LOOK_S = 0.5

_log = logging.getLogger(__name__)


def deliver_all(database: Database, stop: threading.Event) -> None:
    """Deliver what is due until it is told to stop; more than a person can read is spread out."""
    sent: deque[float] = deque(maxlen=PER_MINUTE)
    while not stop.is_set():
        if len(sent) == PER_MINUTE and time.monotonic() - sent[0] < 60.0:
            stop.wait(LOOK_S)
        elif _delivers_one(database):
            sent.append(time.monotonic())
        else:
            stop.wait(LOOK_S)


def _delivers_one(database: Database) -> bool:
    try:
        return deliver_next(database)
    except sqlite3.DatabaseError as problem:  # who claims jobs says so, and ends the worker
        _log.warning("the queue cannot be written: %s", problem)
        return False


def deliver_next(database: Database) -> bool:
    """Deliver one letter; False when none is due."""
    letter = claim_letter(database)
    if letter is None:
        return False
    problem = hand_over(letter)
    if problem:
        put_back(database, letter, problem)
    else:
        delivered(database, letter)
    return True


def hand_over(letter: Letter) -> str:
    """Give it to whoever takes it to a person; in words why nobody took it."""
    try:
        if letter.way.get("webhook"):
            _to_webhook(letter)
        else:
            _to_mail(letter)
    except (OSError, http.client.HTTPException, smtplib.SMTPException, ValueError) as problem:
        return f"{type(problem).__name__}: {problem}"
    return ""


def _to_webhook(letter: Letter) -> None:
    request = urllib.request.Request(
        letter.way["webhook"],
        json.dumps(_body(letter)).encode(),
        # the same letter may come twice, when we were killed before we could say that it came
        {"Content-Type": "application/json", "Idempotency-Key": letter.key},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        answer.read(1024)


def _body(letter: Letter) -> Mapping[str, Any]:
    notice = letter.notice
    if letter.way["format"] == "slack":
        return {"text": f"*{notice.subject}*\n{notice.text}"}
    if letter.way["format"] == "teams":
        return {
            "@type": "MessageCard",
            "@context": "https://schema.org/extensions",
            "summary": notice.subject,
            "title": notice.subject,
            "text": notice.text.replace("\n", "\n\n"),
        }
    pictures = [
        {"name": path.name, "jpeg": base64.b64encode(raw).decode()}
        for path, raw in _pictures(letter)
    ]
    return {
        "key": letter.key,
        "subject": notice.subject,
        "text": notice.text,
        "needs_me": notice.needs_me,
        "pictures": pictures,
    }


def _to_mail(letter: Letter) -> None:
    message = EmailMessage()
    message["From"], message["To"] = letter.way["sender"], letter.way["email"]
    message["Subject"] = letter.notice.subject
    message.set_content(letter.notice.text)
    for path, raw in _pictures(letter):
        message.add_attachment(raw, maintype="image", subtype="jpeg", filename=path.name)
    host, _, port = letter.way["smtp"].partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=PATIENCE_S) as server:
        server.send_message(message)


def _pictures(letter: Letter) -> list[tuple[Path, bytes]]:
    """Those that are still there, as long as a server would take them."""
    found, left = [], MOST_PICTURE_BYTES
    for path in map(Path, letter.notice.pictures):
        try:
            raw = path.read_bytes()
        except OSError:
            continue
        left -= len(raw)
        if left >= 0:
            found.append((path, raw))
    return found
