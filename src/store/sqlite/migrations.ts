/** Numbered by their place; a published one never changes. Times are milliseconds since 1970. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE sandboxes (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    uid INTEGER NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    UNIQUE (tenant, name)
  ) STRICT;

  CREATE TABLE processes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    execution_id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    sandbox TEXT NOT NULL,
    name TEXT,
    language TEXT NOT NULL,
    working_dir TEXT NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    status TEXT NOT NULL,
    cause TEXT,
    failure_kind TEXT,
    failure_message TEXT,
    exit_code INTEGER,
    output_complete INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    container_id TEXT
  ) STRICT;
  CREATE INDEX processes_of_sandbox ON processes (tenant, sandbox, seq);
  CREATE INDEX processes_alive ON processes (status, seq) WHERE status IN ('queued', 'running');

  CREATE TABLE sources (
    process_id TEXT PRIMARY KEY REFERENCES processes (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    env TEXT NOT NULL
  ) STRICT
  `,
];
