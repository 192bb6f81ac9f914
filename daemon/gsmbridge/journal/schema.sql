-- Schema 2. Times are Unix seconds unless said otherwise.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A SIM identity. IMSI and ICCID once seen together are one identity for good.
CREATE TABLE sims (
    sim        INTEGER PRIMARY KEY,
    iccid      TEXT UNIQUE,
    imsi       TEXT,                        -- the one shown last
    own_number TEXT,                        -- the number stored on it, if it is usable
    listed     INTEGER NOT NULL DEFAULT 0,  -- a complete listing of its store was recorded
    first_seen REAL NOT NULL,
    last_seen  REAL NOT NULL,
    last_sms   REAL,
    used       INTEGER,
    total      INTEGER
);
CREATE INDEX sims_own_number ON sims (own_number);

-- Every IMSI that a SIM showed: cards exist that have several, and a replaced card keeps its
-- subscriber's. An IMSI alone means the SIM that showed it last.
CREATE TABLE imsis (
    imsi TEXT NOT NULL,
    sim  INTEGER NOT NULL REFERENCES sims ON DELETE CASCADE,
    seen INTEGER NOT NULL,                  -- grows with each sighting of any
    PRIMARY KEY (imsi, sim)
) WITHOUT ROWID;
CREATE INDEX imsis_sim ON imsis (sim);

-- The SIM whose store was last completely listed in each modem, if no other was seen there since, nor
-- it in another.
CREATE TABLE modems (
    modem TEXT PRIMARY KEY,
    sim   INTEGER NOT NULL REFERENCES sims
) WITHOUT ROWID;

-- The PIN sent last to a SIM, as a digest, and whether the SIM took it: 1; -1: it refused it; 0: not
-- known.
CREATE TABLE pins (
    iccid    TEXT PRIMARY KEY,
    digest   TEXT NOT NULL,
    accepted INTEGER NOT NULL
) WITHOUT ROWID;

-- One-time words of messages that this program sends itself, known before they are sent.
CREATE TABLE own_words (
    word    TEXT PRIMARY KEY,
    sim     INTEGER NOT NULL REFERENCES sims, -- that sends it
    sent_at REAL NOT NULL
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
    insisted    INTEGER NOT NULL DEFAULT 0, -- the operator wants it pushed under this number
    due_at      REAL,                       -- monotonic time before which no attempt may begin
    due_boot    TEXT,                       -- boot that due_at belongs to
    settled_at  REAL,
    erased      INTEGER NOT NULL DEFAULT 0, -- its text and PDUs are gone
    own         INTEGER NOT NULL DEFAULT 0, -- this program sent it itself (own_words)
    wait        REAL                        -- seconds from the last failed attempt to due_at
);
CREATE INDEX messages_state ON messages (state, sim);
CREATE INDEX messages_settled ON messages (erased, settled_at);
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
-- A modem's own memory may hold what came for a SIM that is elsewhere now.
CREATE INDEX copies_elsewhere ON copies (identity, modem) WHERE store = 'ME';
CREATE INDEX copies_on_sim ON copies (sim) WHERE on_sim = 1;

-- What happened to a message, for people (steps.py); bounded per message.
CREATE TABLE steps (
    sms_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    step   INTEGER NOT NULL,
    at     REAL NOT NULL,
    kind   TEXT NOT NULL,
    modem  TEXT,
    store  TEXT,
    slot   INTEGER,
    number INTEGER,                         -- of the part or the attempt
    status INTEGER,
    error  TEXT,
    ms     INTEGER,
    state  TEXT,                            -- that it moved to
    PRIMARY KEY (sms_id, step)
) WITHOUT ROWID;
