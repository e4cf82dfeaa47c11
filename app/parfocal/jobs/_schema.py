"""Lay out the queue's database: what is told here is all that outlives a process."""

__all__ = ["SCHEMA", "VERSION"]

VERSION = 1

SCHEMA = """
CREATE TABLE strip (
    id TEXT PRIMARY KEY,            -- project/slice/channel/strip
    project TEXT NOT NULL, slice INTEGER NOT NULL, channel TEXT NOT NULL, strip INTEGER NOT NULL,
    raw TEXT NOT NULL,
    raw_identity TEXT NOT NULL DEFAULT '',
    config TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created REAL NOT NULL
) STRICT;
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- events speak of it for ever
    key TEXT NOT NULL UNIQUE,       -- asking twice for the same is one job
    strip TEXT REFERENCES strip (id), generation INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL, lane TEXT NOT NULL,
    payload TEXT NOT NULL DEFAULT '{}',
    needs TEXT NOT NULL DEFAULT '[]', -- kinds of the same strip and generation
    state TEXT NOT NULL CHECK (state IN
        ('waiting', 'ready', 'running', 'done', 'failed', 'parked', 'cancelled')),
    priority INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,
    due_utc REAL NOT NULL DEFAULT 0, due_monotonic REAL NOT NULL DEFAULT 0,
    due_boot TEXT NOT NULL DEFAULT '',
    lease INTEGER NOT NULL DEFAULT 0, -- counts the claims: the fence
    lease_until REAL NOT NULL DEFAULT 0, lease_boot TEXT NOT NULL DEFAULT '',
    worker TEXT NOT NULL DEFAULT '',
    cancel INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '{}',
    trouble TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',
    fraction REAL NOT NULL DEFAULT 0,
    created REAL NOT NULL, changed REAL NOT NULL
) STRICT;
CREATE INDEX job_next ON job (state, priority, id);
CREATE INDEX job_of_strip ON job (strip, kind);
CREATE UNIQUE INDEX job_once_running ON job (strip, kind) WHERE state = 'running';
CREATE TABLE artifact (
    strip TEXT NOT NULL REFERENCES strip (id), generation INTEGER NOT NULL, kind TEXT NOT NULL,
    path TEXT NOT NULL, bytes INTEGER NOT NULL, verified INTEGER NOT NULL,
    facts TEXT NOT NULL, changed REAL NOT NULL,
    PRIMARY KEY (strip, generation, kind)
) STRICT;
CREATE TABLE event (
    id INTEGER PRIMARY KEY, utc REAL NOT NULL,
    strip TEXT NOT NULL DEFAULT '', job INTEGER NOT NULL DEFAULT 0, kind TEXT NOT NULL,
    words TEXT NOT NULL
) STRICT;
CREATE INDEX event_of_strip ON event (strip);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- a notice is posted once, however often its job is repeated
    way TEXT NOT NULL, notice TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'delivered', 'failed')),
    attempt INTEGER NOT NULL DEFAULT 0,
    due_utc REAL NOT NULL DEFAULT 0, due_monotonic REAL NOT NULL DEFAULT 0,
    due_boot TEXT NOT NULL DEFAULT '',
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until REAL NOT NULL DEFAULT 0, lease_boot TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL, changed REAL NOT NULL
) STRICT;
CREATE INDEX outbox_next ON outbox (state, id);
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
