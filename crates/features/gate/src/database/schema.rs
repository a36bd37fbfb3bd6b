//! The schema, as the steps that lead to it. Never edit a step that was released: append one.

/// The steps; the schema's version is how many were taken.
pub(super) const STEPS: &[&str] = &["
    -- published here
    CREATE TABLE uploads (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL, -- normalised
        version   TEXT NOT NULL,
        filename  TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        size      INTEGER NOT NULL,
        uploaded  INTEGER NOT NULL,
        uploader  TEXT NOT NULL,
        yanked    TEXT,
        details   TEXT NOT NULL, -- JSON, as the ecosystem needs it
        PRIMARY KEY (ecosystem, name, filename)
    ) STRICT;
    -- names under which something was published once: they stay the organisation's own, whatever is taken back
    CREATE TABLE owned (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name)
    ) STRICT;
    -- fetched from an upstream; the digest of a file name never changes silently
    CREATE TABLE files (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        filename  TEXT NOT NULL,
        version   TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        size      INTEGER NOT NULL,
        fetched   INTEGER NOT NULL,
        source    TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name, filename)
    ) STRICT;
    CREATE TABLE verdicts (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        filename  TEXT NOT NULL,
        verdict   TEXT NOT NULL,
        score     REAL NOT NULL,
        reasons   TEXT NOT NULL, -- JSON
        report    TEXT NOT NULL, -- JSON
        edition   TEXT NOT NULL,
        judged    INTEGER NOT NULL,
        PRIMARY KEY (ecosystem, name, version, sha256)
    ) STRICT;
    CREATE TABLE people (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        approved  INTEGER NOT NULL,
        reason    TEXT NOT NULL,
        person    TEXT NOT NULL,
        at        INTEGER NOT NULL,
        PRIMARY KEY (ecosystem, name, version)
    ) STRICT;
    CREATE TABLE tokens (
        id       TEXT PRIMARY KEY,
        name     TEXT NOT NULL,
        hash     TEXT NOT NULL, -- SHA-256 of the secret, which is random
        scopes   TEXT NOT NULL, -- JSON
        created  INTEGER NOT NULL,
        expires  INTEGER,
        revoked  INTEGER
    ) STRICT;
    CREATE TABLE tags (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        tag       TEXT NOT NULL,
        version   TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name, tag)
    ) STRICT;
    CREATE TABLE events (
        id        INTEGER PRIMARY KEY,
        at        INTEGER NOT NULL,
        kind      TEXT NOT NULL,
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        filename  TEXT NOT NULL,
        outcome   TEXT NOT NULL,
        reason    TEXT NOT NULL,
        decision  TEXT NOT NULL,
        who       TEXT NOT NULL,
        client    TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_package ON events (ecosystem, name, version);
    CREATE INDEX events_by_kind ON events (kind, at);
", "
    -- an approval is good for bytes and perhaps for a time; an empty digest means every file of the version
    CREATE TABLE decisions (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        digest    TEXT NOT NULL,
        approved  INTEGER NOT NULL,
        reason    TEXT NOT NULL,
        person    TEXT NOT NULL,
        at        INTEGER NOT NULL,
        until     INTEGER,
        PRIMARY KEY (ecosystem, name, version, digest)
    ) STRICT;
    INSERT INTO decisions SELECT ecosystem, name, version, '', approved, reason, person, at, NULL
        FROM people WHERE approved = 0;
    -- what was approved before were the files that had a verdict
    INSERT OR IGNORE INTO decisions
        SELECT p.ecosystem, p.name, p.version, 'sha256:' || v.sha256, 1, p.reason, p.person, p.at, NULL
        FROM people p JOIN verdicts v USING (ecosystem, name, version) WHERE p.approved = 1;
    DROP TABLE people;
    -- every digest that the upstream published for what was fetched, separated by spaces
    ALTER TABLE files ADD COLUMN published TEXT NOT NULL DEFAULT '';
    -- when a verdict was last tried to be made anew in vain
    ALTER TABLE verdicts ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
", "
    -- core metadata that was read out of wheels whose upstream has none beside them
    CREATE TABLE metadata (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        sha256    TEXT NOT NULL, -- of the wheel
        digest    TEXT NOT NULL, -- of the text
        text      TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name, sha256)
    ) STRICT;
", "
    -- who is signed in
    CREATE TABLE sessions (
        secret TEXT PRIMARY KEY, -- SHA-256 of what the cookie holds
        name   TEXT NOT NULL,
        token  TEXT NOT NULL,
        csrf   TEXT NOT NULL,
        until  INTEGER NOT NULL
    ) STRICT;
", "
    -- the licence that stands in the file, where the policy asks for it
    ALTER TABLE files ADD COLUMN licence TEXT;
", "
    -- how often the same happened again within a minute
    ALTER TABLE events ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
"];

/// What is set on every connection to SQLite: what was published must survive a power cut once the client was told so. The
/// limit of memory is that of all connections of the process, also of those to the store of facts: SQLite then puts another page
/// where it kept one.
pub(super) const EACH_SQLITE_CONNECTION: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -256; PRAGMA soft_heap_limit = 1572864;";

/// Where PostgreSQL keeps the schema's version.
pub(super) const POSTGRES_VERSION: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";

/// The steps for PostgreSQL, which began with the fourth of SQLite's.
pub(super) const POSTGRES_STEPS: &[&str] = &[
    "
    CREATE TABLE uploads (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        filename  TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        size      BIGINT NOT NULL,
        uploaded  BIGINT NOT NULL,
        uploader  TEXT NOT NULL,
        yanked    TEXT,
        details   TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name, filename)
    );
    CREATE TABLE owned (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name)
    );
    CREATE TABLE files (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        filename  TEXT NOT NULL,
        version   TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        size      BIGINT NOT NULL,
        fetched   BIGINT NOT NULL,
        source    TEXT NOT NULL,
        published TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (ecosystem, name, filename)
    );
    CREATE TABLE verdicts (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        filename  TEXT NOT NULL,
        verdict   TEXT NOT NULL,
        score     DOUBLE PRECISION NOT NULL,
        reasons   TEXT NOT NULL,
        report    TEXT NOT NULL,
        edition   TEXT NOT NULL,
        judged    BIGINT NOT NULL,
        tried     BIGINT NOT NULL DEFAULT 0,
        PRIMARY KEY (ecosystem, name, version, sha256)
    );
    CREATE TABLE decisions (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        digest    TEXT NOT NULL,
        approved  BIGINT NOT NULL,
        reason    TEXT NOT NULL,
        person    TEXT NOT NULL,
        at        BIGINT NOT NULL,
        until     BIGINT,
        PRIMARY KEY (ecosystem, name, version, digest)
    );
    CREATE TABLE tokens (
        id       TEXT PRIMARY KEY,
        name     TEXT NOT NULL,
        hash     TEXT NOT NULL,
        scopes   TEXT NOT NULL,
        created  BIGINT NOT NULL,
        expires  BIGINT,
        revoked  BIGINT
    );
    CREATE TABLE tags (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        tag       TEXT NOT NULL,
        version   TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name, tag)
    );
    CREATE TABLE metadata (
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        sha256    TEXT NOT NULL,
        digest    TEXT NOT NULL,
        text      TEXT NOT NULL,
        PRIMARY KEY (ecosystem, name, sha256)
    );
    CREATE TABLE sessions (
        secret TEXT PRIMARY KEY,
        name   TEXT NOT NULL,
        token  TEXT NOT NULL,
        csrf   TEXT NOT NULL,
        until  BIGINT NOT NULL
    );
    CREATE TABLE events (
        id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at        BIGINT NOT NULL,
        kind      TEXT NOT NULL,
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL,
        version   TEXT NOT NULL,
        filename  TEXT NOT NULL,
        outcome   TEXT NOT NULL,
        reason    TEXT NOT NULL,
        decision  TEXT NOT NULL,
        who       TEXT NOT NULL,
        client    TEXT NOT NULL
    );
    CREATE INDEX events_by_package ON events (ecosystem, name, version);
    CREATE INDEX events_by_kind ON events (kind, at);
    -- packages about which an instance changed something: the others read them anew
    CREATE TABLE changes (
        id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at        BIGINT NOT NULL,
        instance  TEXT NOT NULL,
        ecosystem TEXT NOT NULL,
        name      TEXT NOT NULL
    );
",
    "
    ALTER TABLE files ADD COLUMN licence TEXT;
",
    "
    ALTER TABLE events ADD COLUMN again BIGINT NOT NULL DEFAULT 0;
",
];
