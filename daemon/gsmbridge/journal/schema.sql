-- Schema 1. Times are Unix seconds unless said otherwise.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A SIM identity. IMSI and ICCID once seen together are one identity for good.
CREATE TABLE sims (
    sim        INTEGER PRIMARY KEY,
    iccid      TEXT UNIQUE,
    imsi       TEXT UNIQUE,
    own_number TEXT,                        -- the number stored on it, if it is usable
    listed     INTEGER NOT NULL DEFAULT 0,  -- a complete listing of its store was recorded
    first_seen REAL NOT NULL,
    last_seen  REAL NOT NULL,
    last_sms   REAL,
    used       INTEGER,
    total      INTEGER
);

-- The SIM whose store was last completely listed in each modem.
CREATE TABLE modems (
    modem TEXT PRIMARY KEY,
    sim   INTEGER NOT NULL REFERENCES sims
) WITHOUT ROWID;

-- The PIN sent last to a SIM, as a digest, and whether the SIM took it.
CREATE TABLE pins (
    iccid    TEXT PRIMARY KEY,
    digest   TEXT NOT NULL,
    accepted INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE messages (
    sms_id      INTEGER PRIMARY KEY,
    sim         INTEGER NOT NULL REFERENCES sims,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL DEFAULT '',
    phone       TEXT,
    phone_from  TEXT NOT NULL,
    text        TEXT,                       -- NULL: not known yet, or erased
    scts        REAL,
    order_at    REAL NOT NULL,
    received_at REAL NOT NULL,
    part_key    TEXT,                       -- NULL: not concatenated
    total       INTEGER NOT NULL DEFAULT 1,
    held_for    TEXT NOT NULL DEFAULT '',   -- why it may be meant for an earlier client
    newest_at   REAL NOT NULL,              -- monotonic time of reading its newest part
    boot        TEXT NOT NULL,              -- boot that newest_at belongs to
    frozen      INTEGER NOT NULL DEFAULT 0, -- an attempt may have begun: content never changes
    attempts    INTEGER NOT NULL DEFAULT 0,
    status      INTEGER,
    error       TEXT NOT NULL DEFAULT '',
    due_at      REAL,                       -- monotonic time of the next attempt, if one failed
    due_boot    TEXT,                       -- boot that due_at belongs to
    settled_at  REAL
);
CREATE INDEX messages_open ON messages (state) WHERE state IN ('collecting', 'pending', 'unassigned');
CREATE INDEX messages_parts ON messages (sim, part_key) WHERE part_key IS NOT NULL;

-- A message, or one part of it, as it lies or lay in one slot.
CREATE TABLE copies (
    copy       INTEGER PRIMARY KEY,
    sms_id     INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    sim        INTEGER NOT NULL REFERENCES sims,
    identity   TEXT NOT NULL,               -- sms.identity.tpdu_identity
    part       INTEGER NOT NULL DEFAULT 1,
    pdu        TEXT,                        -- NULL: erased
    content    TEXT,                        -- sms.parts.content, of a part
    dated      INTEGER NOT NULL,            -- its time stamp is valid
    modem      TEXT NOT NULL,
    appearance TEXT NOT NULL,
    store      TEXT NOT NULL,
    slot       INTEGER,                     -- NULL: not known in this appearance
    on_sim     INTEGER NOT NULL,
    freed_at   REAL                         -- our own confirmed delete
);
CREATE INDEX copies_identity ON copies (sim, identity);
CREATE INDEX copies_message ON copies (sms_id);
CREATE INDEX copies_on_sim ON copies (sim) WHERE on_sim = 1;
