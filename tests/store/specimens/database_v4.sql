PRAGMA application_id = 1465143857;
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
, error_visit TEXT, waits INTEGER GENERATED ALWAYS AS (
  CASE WHEN ended_us IS NOT NULL OR waiting IS NULL THEN 0 ELSE
      ((instr(waiting, '"for":"person"') > 0) << 0)
    | ((instr(waiting, '"for":"timer"') > 0) << 1)
    | ((instr(waiting, '"for":"message"') > 0) << 2)
    | ((instr(waiting, '"for":"child run"') > 0) << 3)
    | ((instr(waiting, '"for":"retry"') > 0) << 4)
    | ((instr(waiting, '"for":"incident"') > 0) << 5)
  END) VIRTUAL);
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
, document TEXT);
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
INSERT INTO meta (name, value) VALUES ('created_by', 'worktrail 0.1.0');
INSERT INTO meta (name, value) VALUES ('created_us', '1795251652813735');
INSERT INTO meta (name, value) VALUES ('epoch', '2');
INSERT INTO meta (name, value) VALUES ('schema_version', '4');
INSERT INTO tenants (number, tenant_id, created_us) VALUES (1, 'default', 1795251652814783);
INSERT INTO keys (tenant, purpose, secret, created_us) VALUES (1, 'hmac', X'AD44364D6F3ED377A04EEF8264DB21CC1F41EDDA9F1967997DD3157F947B3A62', 1795251652814783);
INSERT INTO streams (number, tenant, name, salt) VALUES (1, 1, 'run:a', X'D84E2B3A4F60B60E39A01DBB204F713D');
INSERT INTO streams (number, tenant, name, salt) VALUES (2, 1, 'run:b', X'78593B93AE09DC467911B962BDA70EC4');
INSERT INTO streams (number, tenant, name, salt) VALUES (3, 1, 'task:t1', X'C0326711CCC8E383A22203BFEA44B2E9');
INSERT INTO appends (position, stream, first_seq, count, body, head, commitment) VALUES (1, 1, 1, 3, CAST('[1,1700000000000000,null,[[1,"claims","sha-segment","sha-lock",[0,null],"seed",1],[10,"one"],[11,"one",1]]]' AS BLOB), X'6B577E0C59CF798C99D27068BD0B014C5DF7032570D8875E8D6281296334BA4E', NULL);
INSERT INTO appends (position, stream, first_seq, count, body, head, commitment) VALUES (2, 2, 1, 1, CAST('[1,1700000000000000,null,[[1,"claims","sha-segment","sha-lock",[0,null],"seed",1]]]' AS BLOB), X'380CFD2B8F17DD224FAE505996E5B9DDE29AA75FD585E51F0E01FD82F7CBB3AA', NULL);
INSERT INTO appends (position, stream, first_seq, count, body, head, commitment) VALUES (3, 1, 4, 2, CAST('[1,1700000000000000,null,[[12,"one",{"out":[1,"3071657582f777f5ae9a4757499e0b3bc09d51eb74d4d49b2bab6578ab96b513",7]},"D"],[40,"ask","t1",[0,null]]]]' AS BLOB), X'608A61E5FE3902A51D10568C02063DA11191D81D837ECDA05D4E463CCAB539A4', NULL);
INSERT INTO appends (position, stream, first_seq, count, body, head, commitment) VALUES (4, 3, 1, 1, CAST('[1,1700000000000000,null,[[40,"ask","t1",[0,null]]]]' AS BLOB), X'FB57BDD74796885C5FEB48229BDE2EA818DB088F44C336CDC04A6A2A12F57FB5', NULL);
INSERT INTO appends (position, stream, first_seq, count, body, head, commitment) VALUES (5, 2, 2, 1, CAST('[1,1700000000000000,null,[[2,[0,null],"R13"]]]' AS BLOB), X'B7211DD826836CED1A6781CBA1D41B07800EB845B5C23434DA754466D84A9741', NULL);
INSERT INTO runs (number, tenant, run_id, segment_id, segment_hash, lock_hash, workspace_id, instance_id, status, created_us, updated_us, ended_us, owner, business_key, labels, root_run_id, parent_run_id, parent_visit, error_code, waiting, due_us, error_visit) VALUES (1, 1, 'a', 'claims', 'sha-s', 'sha-l', 'default', 'default', 'waiting', 1700000000000000, 1700000000000002, NULL, 1, 'order 7', '{"team":"blue"}', NULL, NULL, NULL, NULL, '["t1"]', 1700000000000009, NULL);
INSERT INTO runs (number, tenant, run_id, segment_id, segment_hash, lock_hash, workspace_id, instance_id, status, created_us, updated_us, ended_us, owner, business_key, labels, root_run_id, parent_run_id, parent_visit, error_code, waiting, due_us, error_visit) VALUES (2, 1, 'b', 'claims', 'sha-s', 'sha-l', 'default', 'default', 'completed', 1700000000000000, 1700000000000003, 1700000000000003, NULL, NULL, NULL, 'a', 'a', 'child', NULL, NULL, NULL, NULL);
INSERT INTO tasks (number, tenant, task_id, status, task_type, title, created_us, version, run_id, visit, workspace_id, assignee, candidate_groups, priority, due_us, outcome, decided_by, ended_us) VALUES (1, 1, 't1', 'open', 'approval', 'Approve', 1700000000000002, 1, 'a', 'ask', 'default', NULL, '["x","y"]', 'normal', NULL, NULL, NULL, NULL);
INSERT INTO commands (number, tenant, command_id, target, kind, body, principal, created_us, answer, answered_us) VALUES (1, 1, 'c1', 'a', 'poke', CAST('{}' AS BLOB), 'user:ann', 1700000000000000, CAST('{"accepted":true}' AS BLOB), 1700000000000002);
INSERT INTO commands (number, tenant, command_id, target, kind, body, principal, created_us, answer, answered_us) VALUES (2, 1, 'c2', 'a', 'cancel', CAST('{"reason":"x"}' AS BLOB), 'user:bob', 1700000000000001, NULL, NULL);
INSERT INTO leases (number, tenant, lease_id, epoch, expires_us, address, process) VALUES (1, 1, 'lease-1', 1, 1700000010000000, '/run/w.sock', 'host:1');
INSERT INTO leases (number, tenant, lease_id, epoch, expires_us, address, process) VALUES (2, 1, 'lease-0', 2, 1699999990000001, NULL, 'host:0');
INSERT INTO definitions (number, tenant, digest, kind, body) VALUES (1, 1, 'sha-segment', 'segment', CAST('{"segment_id":"claims"}' AS BLOB));
INSERT INTO blobs (number, tenant, address, body) VALUES (1, 1, X'3071657582F777F5AE9A4757499E0B3BC09D51EB74D4D49B2BAB6578AB96B513', X'226C6172676522');
INSERT INTO snapshots (number, tenant, run_id, seq, digest, body) VALUES (1, 1, 'a', 5, X'0102', X'7374617465');
INSERT INTO run_labels (tenant, name, value, run) VALUES (1, 'team', 'blue', 1);
INSERT INTO access_keys (number, tenant, key_id, name, permissions, workspaces, salt, digest, created_us, created_by, expires_us, revoked_us, last_used_us) VALUES (1, 1, 'k1a2b3c4', 'ann', '["view"]', '["north"]', X'01', X'02', 1700000000000000, 'cli:root', NULL, NULL, 1700000000000001);
INSERT INTO sessions (number, tenant, session_id, key_id, salt, digest, created_us, expires_us, closed_us) VALUES (1, 1, 's1a2b3c4', 'k1a2b3c4', X'03', X'04', 1700000000000000, 1700000000000010, NULL);
INSERT INTO views (number, tenant, view_id, page, name, query, shared, owner, created_us) VALUES (1, 1, 'v1', 'runs', 'late', 'status=failed', 0, 'key:ann', 1700000000000000);
INSERT INTO published (number, tenant, segment_id, version, segment_hash, lock_hash, published_us, published_by, workspace_id, name, description, notes, document) VALUES (1, 1, 'claims', '1.0.0', 'sha-segment', 'sha-l', 1700000000000000, 'key:ann', 'default', 'Claims', NULL, NULL, 'document:abc');
INSERT INTO calls (tenant, principal, key, request_hash, answer, expires_us) VALUES (1, 'key:ann', 'c', 'sha', '{}', 1700000000000010);
INSERT INTO presence (number, tenant, client_id, user, workspace_id, joined_us, seen_us, page, doing) VALUES (1, 1, 'c1', 'local:ann', 'north', 1700000000000000, 1700000000000005, '/runs', 'decides:t1');
INSERT INTO batches (number, tenant, batch_id, segment_id, workspace_id, principal, file_name, file, options, created_us, state, total, rows, started, already, skipped, bad_rows, error, fed_until_us) VALUES (1, 1, 'b1', 'claims', 'north', 'local:ann', 'claims.csv', 'b1.csv', CAST('{}' AS BLOB), 1700000000000000, 'reading', NULL, 2, 0, 0, 0, CAST('[]' AS BLOB), NULL, 0);
