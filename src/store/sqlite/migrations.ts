/** Numbered by their place; a published one never changes. Times are milliseconds since 1970. */
export const MIGRATIONS: readonly string[] = [
  `
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
    output_limit INTEGER NOT NULL,
    on_output_limit TEXT NOT NULL,
    stored_bytes INTEGER NOT NULL,
    peak_memory_bytes INTEGER,
    cpu_ms INTEGER,
    accepted_at INTEGER NOT NULL,
    starting_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    container_id TEXT
  ) STRICT;
  CREATE INDEX processes_of_sandbox ON processes (tenant, sandbox, seq);
  CREATE INDEX processes_alive ON processes (status, seq) WHERE status IN ('queued', 'running');

  CREATE INDEX processes_ended ON processes (ended_at, seq, stored_bytes) WHERE ended_at IS NOT NULL;
  CREATE INDEX processes_ended_of_sandbox ON processes (tenant, sandbox, seq) WHERE ended_at IS NOT NULL;

  CREATE TABLE idempotency_keys (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    process_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    name TEXT,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_keys_by_age ON idempotency_keys (accepted_at);

  CREATE TABLE sources (
    process_id TEXT PRIMARY KEY REFERENCES processes (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    env TEXT NOT NULL
  ) STRICT
  `,
  `
  CREATE TABLE webhooks (
    process_id TEXT PRIMARY KEY REFERENCES processes (id) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    secret TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    last_at INTEGER,
    last_status INTEGER,
    last_error TEXT
  ) STRICT;
  CREATE INDEX webhooks_pending ON webhooks (next_at) WHERE state = 'pending'
  `,
  `
  ALTER TABLE sandboxes ADD COLUMN template TEXT NOT NULL DEFAULT 'code-interpreter';
  ALTER TABLE sandboxes ADD COLUMN region TEXT NOT NULL DEFAULT 'local';
  ALTER TABLE sandboxes ADD COLUMN env TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE sandboxes ADD COLUMN internet_access INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sandboxes ADD COLUMN memory_bytes INTEGER;
  ALTER TABLE sandboxes ADD COLUMN cpus REAL;
  ALTER TABLE sandboxes ADD COLUMN timeout_seconds INTEGER;
  ALTER TABLE sandboxes ADD COLUMN expires_at INTEGER;
  ALTER TABLE sandboxes ADD COLUMN paused_at INTEGER;
  ALTER TABLE sandboxes ADD COLUMN discarded_at INTEGER;
  CREATE INDEX sandboxes_of_tenant ON sandboxes (tenant, created_at, id);
  CREATE INDEX sandboxes_expiring ON sandboxes (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX sandboxes_discarded ON sandboxes (discarded_at) WHERE discarded_at IS NOT NULL
  `,
  `
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    name TEXT,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT;
  CREATE INDEX api_keys_of_tenant ON api_keys (tenant, created_at)
  `,
  `
  CREATE TABLE status_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    process_seq INTEGER NOT NULL REFERENCES processes (seq) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    sandbox TEXT NOT NULL,
    status TEXT NOT NULL
  ) STRICT;
  CREATE INDEX status_changes_of_sandbox ON status_changes (tenant, sandbox, seq);
  CREATE INDEX status_changes_of_process ON status_changes (process_seq);
  INSERT INTO status_changes (process_seq, tenant, sandbox, status) SELECT seq, tenant, sandbox, status FROM processes ORDER BY seq;

  CREATE TRIGGER status_inserted AFTER INSERT ON processes BEGIN
    INSERT INTO status_changes (process_seq, tenant, sandbox, status) VALUES (new.seq, new.tenant, new.sandbox, new.status);
  END;
  CREATE TRIGGER status_updated AFTER UPDATE OF status ON processes WHEN old.status <> new.status BEGIN
    INSERT INTO status_changes (process_seq, tenant, sandbox, status) VALUES (new.seq, new.tenant, new.sandbox, new.status);
  END
  `,
  `
  ALTER TABLE sources ADD COLUMN command TEXT;
  ALTER TABLE sources ADD COLUMN wants_result INTEGER NOT NULL DEFAULT 0
  `,
  'CREATE INDEX processes_ended_of_tenant ON processes (tenant, ended_at, seq, stored_bytes) WHERE ended_at IS NOT NULL',
  `
  CREATE INDEX processes_listed ON processes (tenant, sandbox, seq, status, name, language, accepted_at);
  DROP INDEX processes_of_sandbox
  `,
  `
  ALTER TABLE processes ADD COLUMN memory_bytes INTEGER NOT NULL DEFAULT 536870912;
  ALTER TABLE processes ADD COLUMN cpus REAL NOT NULL DEFAULT 1;
  ALTER TABLE processes ADD COLUMN pids INTEGER NOT NULL DEFAULT 128;
  ALTER TABLE processes ADD COLUMN tmp_bytes INTEGER NOT NULL DEFAULT 67108864;
  ALTER TABLE sources ADD COLUMN args TEXT;
  ALTER TABLE sources ADD COLUMN files TEXT;
  ALTER TABLE sources ADD COLUMN stdin BLOB;
  ALTER TABLE sources ADD COLUMN stdin_closed INTEGER
  `,
  'ALTER TABLE processes ADD COLUMN request_id TEXT',
  'ALTER TABLE processes ADD COLUMN runtime TEXT',
  `
  ALTER TABLE sandboxes ADD COLUMN pauses TEXT NOT NULL DEFAULT '[]';
  CREATE INDEX sandboxes_paused ON sandboxes (paused_at) WHERE paused_at IS NOT NULL
  `,
  'ALTER TABLE processes ADD COLUMN artifacts TEXT',
];
