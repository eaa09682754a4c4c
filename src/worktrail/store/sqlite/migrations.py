"""The schema, as a list of numbered steps that are only ever added to.

Rule: a step that was released is never edited. A file knows its version (``meta.schema_version``) and that it is ours
(``PRAGMA application_id``); a newer version than this release knows is refused, never guessed. ``docs/journal.md`` says what
every table and column means.
"""

from __future__ import annotations

import time
from typing import Final

import apsw

from worktrail import __version__
from worktrail.errors import CallerError, ProviderError

__all__ = ["APPLICATION_ID", "MIGRATIONS", "SCHEMA_VERSION", "migrate", "version_of"]

APPLICATION_ID: Final = 0x57545231  # "WTR1"

_FIRST: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tenants (
  number INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL UNIQUE,
  created_us INTEGER NOT NULL
);

CREATE TABLE keys (
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  purpose TEXT NOT NULL,
  secret BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  PRIMARY KEY (tenant, purpose)
) WITHOUT ROWID;

CREATE TABLE streams (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  name TEXT NOT NULL,
  salt BLOB
);
CREATE UNIQUE INDEX streams_by_name ON streams (tenant, name);

CREATE TABLE appends (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  count INTEGER NOT NULL,
  body BLOB NOT NULL,
  head BLOB NOT NULL,
  commitment BLOB
);
CREATE UNIQUE INDEX appends_by_stream ON appends (stream, first_seq);

CREATE TABLE runs (
  number INTEGER PRIMARY KEY REFERENCES streams(number),
  tenant INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  segment_id TEXT NOT NULL,
  segment_hash TEXT NOT NULL,
  lock_hash TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  instance_id TEXT NOT NULL,
  status TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  ended_us INTEGER,
  owner INTEGER,
  business_key TEXT,
  labels TEXT,
  root_run_id TEXT,
  parent_run_id TEXT,
  parent_visit TEXT,
  error_code TEXT,
  waiting TEXT,
  due_us INTEGER
);
CREATE INDEX runs_open ON runs (tenant, owner) WHERE ended_us IS NULL;
CREATE INDEX runs_by_status ON runs (tenant, status);
CREATE INDEX runs_by_business_key ON runs (tenant, business_key) WHERE business_key IS NOT NULL;
CREATE INDEX runs_by_root ON runs (tenant, root_run_id) WHERE root_run_id IS NOT NULL;

CREATE TABLE tasks (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  status TEXT NOT NULL,
  task_type TEXT NOT NULL,
  title TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  version INTEGER NOT NULL,
  run_id TEXT,
  visit TEXT,
  workspace_id TEXT NOT NULL,
  assignee TEXT,
  candidate_groups TEXT NOT NULL,
  priority TEXT NOT NULL,
  due_us INTEGER,
  outcome TEXT,
  decided_by TEXT,
  ended_us INTEGER
);
CREATE UNIQUE INDEX tasks_by_id ON tasks (tenant, task_id);
CREATE INDEX tasks_open ON tasks (tenant) WHERE status = 'open';
CREATE INDEX tasks_by_run ON tasks (tenant, run_id) WHERE run_id IS NOT NULL;

CREATE TABLE commands (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  command_id TEXT NOT NULL,
  target TEXT NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL,
  principal TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  answer BLOB,
  answered_us INTEGER
);
CREATE UNIQUE INDEX commands_by_id ON commands (tenant, command_id);
CREATE INDEX commands_unanswered ON commands (tenant, number) WHERE answer IS NULL;

CREATE TABLE leases (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  lease_id TEXT NOT NULL,
  epoch INTEGER NOT NULL UNIQUE,
  expires_us INTEGER NOT NULL,
  address TEXT,
  process TEXT NOT NULL
);
CREATE UNIQUE INDEX leases_by_id ON leases (tenant, lease_id);

CREATE TABLE definitions (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  digest TEXT NOT NULL,
  kind TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX definitions_by_digest ON definitions (tenant, digest);

CREATE TABLE blobs (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  address BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX blobs_by_address ON blobs (tenant, address);

CREATE TABLE snapshots (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  digest BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX snapshots_by_run ON snapshots (tenant, run_id);
"""

_SECOND: Final = """
ALTER TABLE runs ADD COLUMN error_visit TEXT;
ALTER TABLE runs ADD COLUMN waits INTEGER GENERATED ALWAYS AS (
  CASE WHEN ended_us IS NOT NULL OR waiting IS NULL THEN 0 ELSE
      ((instr(waiting, '"for":"person"') > 0) << 0)
    | ((instr(waiting, '"for":"timer"') > 0) << 1)
    | ((instr(waiting, '"for":"message"') > 0) << 2)
    | ((instr(waiting, '"for":"child run"') > 0) << 3)
    | ((instr(waiting, '"for":"retry"') > 0) << 4)
    | ((instr(waiting, '"for":"incident"') > 0) << 5)
  END) VIRTUAL;
CREATE INDEX runs_at_top ON runs (tenant, status) WHERE parent_run_id IS NULL;
CREATE INDEX runs_by_parent ON runs (tenant, parent_run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_by_segment ON runs (tenant, segment_id);
CREATE INDEX runs_by_workspace ON runs (tenant, workspace_id);
CREATE INDEX runs_by_error ON runs (tenant, error_code) WHERE error_code IS NOT NULL;
CREATE INDEX runs_by_wait ON runs (tenant, waits) WHERE waits > 0;
CREATE INDEX runs_by_update ON runs (tenant, updated_us);
CREATE INDEX runs_by_end ON runs (tenant, ended_us) WHERE ended_us IS NOT NULL;

CREATE TABLE run_labels (
  tenant INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES runs(number),
  PRIMARY KEY (tenant, name, value, run)
) WITHOUT ROWID;
INSERT INTO run_labels (tenant, name, value, run)
SELECT r.tenant, e.key, e.value, r.number FROM runs r, json_each(r.labels) e WHERE r.labels IS NOT NULL;

CREATE INDEX tasks_due ON tasks (tenant, due_us) WHERE status = 'open';

CREATE TABLE access_keys (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  key_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  permissions TEXT NOT NULL,
  workspaces TEXT,
  salt BLOB NOT NULL,
  digest BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_us INTEGER,
  revoked_us INTEGER,
  last_used_us INTEGER
);

CREATE TABLE sessions (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  session_id TEXT NOT NULL UNIQUE,
  key_id TEXT NOT NULL REFERENCES access_keys(key_id),
  salt BLOB NOT NULL,
  digest BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  closed_us INTEGER
);
CREATE INDEX sessions_by_key ON sessions (key_id);

CREATE TABLE views (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  view_id TEXT NOT NULL,
  page TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  shared INTEGER NOT NULL,
  owner TEXT NOT NULL,
  created_us INTEGER NOT NULL
);
CREATE UNIQUE INDEX views_by_id ON views (tenant, view_id);

CREATE TABLE published (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  segment_id TEXT NOT NULL,
  version TEXT NOT NULL,
  segment_hash TEXT NOT NULL,
  lock_hash TEXT NOT NULL,
  published_us INTEGER NOT NULL,
  published_by TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  name TEXT,
  description TEXT,
  notes TEXT
);
CREATE UNIQUE INDEX published_by_version ON published (tenant, segment_id, version);

CREATE TABLE calls (
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  answer BLOB NOT NULL,
  expires_us INTEGER NOT NULL,
  PRIMARY KEY (tenant, principal, key)
) WITHOUT ROWID;
CREATE INDEX calls_by_end ON calls (expires_us);
"""

_THIRD: Final = """
CREATE TABLE presence (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  client_id TEXT NOT NULL,
  user TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  joined_us INTEGER NOT NULL,
  seen_us INTEGER NOT NULL,
  page TEXT,
  doing TEXT
);
CREATE UNIQUE INDEX presence_by_client ON presence (tenant, client_id);

CREATE INDEX runs_by_start ON runs (tenant, created_us);

CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants(number),
  batch_id TEXT NOT NULL,
  segment_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  principal TEXT NOT NULL,
  file_name TEXT,
  file TEXT NOT NULL,
  options BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  state TEXT NOT NULL,
  total INTEGER,
  rows INTEGER NOT NULL,
  started INTEGER NOT NULL,
  already INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  bad_rows BLOB NOT NULL,
  error BLOB,
  fed_until_us INTEGER NOT NULL
);
CREATE UNIQUE INDEX batches_by_id ON batches (tenant, batch_id);
CREATE INDEX batches_to_read ON batches (tenant, number) WHERE state = 'reading';
"""

_FOURTH: Final = """
ALTER TABLE published ADD COLUMN document TEXT;
"""

MIGRATIONS: Final[tuple[tuple[int, str], ...]] = ((1, _FIRST), (2, _SECOND), (3, _THIRD), (4, _FOURTH))
SCHEMA_VERSION: Final = MIGRATIONS[-1][0]


def version_of(connection: apsw.Connection) -> int:
    """The file's schema version, 0 when empty; ``STORE_VERSION`` for a file that is not ours or newer than us."""
    known = connection.pragma("application_id")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if known == 0 and tables == 0:
        return 0
    if known != APPLICATION_ID:
        raise CallerError("STORE_VERSION", f"{connection.filename} is a database, but not one of Worktrail's")
    try:
        version = int(connection.execute("SELECT value FROM meta WHERE name = 'schema_version'").get)
    except (ValueError, TypeError, apsw.SQLError):
        raise ProviderError("STORE_CORRUPT", f"{connection.filename} does not say which schema version it has") from None
    if version > SCHEMA_VERSION:
        raise CallerError(
            "STORE_VERSION",
            f"{connection.filename} has schema version {version}; this release knows up to {SCHEMA_VERSION}",
            details={"found": version, "known": SCHEMA_VERSION},
        )
    return version


def migrate(connection: apsw.Connection) -> None:
    """Bring the file to this release's schema, in one transaction; does nothing when it is there already."""
    if version_of(connection) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = version_of(connection)  # another process may have been quicker
        if version == 0:
            connection.pragma("application_id", APPLICATION_ID)
        for number, text in MIGRATIONS:
            if number > version:
                connection.execute(text)
        rows = {"schema_version": str(SCHEMA_VERSION)}
        if version == 0:
            rows |= {"created_by": f"worktrail {__version__}", "created_us": str(time.time_ns() // 1000), "epoch": "0"}
        connection.executemany("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", list(rows.items()))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
