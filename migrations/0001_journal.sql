-- The run journal. Immutable: a change is a new file with the next number.
--
-- `events` is the truth; `runs` is a projection of it, written in the same transaction, so that listing is fast.
-- Times are milliseconds since 1970-01-01T00:00:00Z. The views at the end are a public interface for people with a
-- SQL prompt: their columns stay.

PRAGMA application_id = 1380536403; -- "RIPS"

-- Each playbook source that any run started with, by its SHA-256: a run is pinned to its version for ever.
CREATE TABLE playbooks (
    hash          TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    source        TEXT    NOT NULL,
    first_used_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE runs (
    run         INTEGER NOT NULL PRIMARY KEY,          -- short key for `events`
    run_id      TEXT    NOT NULL UNIQUE,               -- run_ and 32 hexadecimal digits of a UUIDv7
    playbook    TEXT    NOT NULL,
    source_hash TEXT    NOT NULL REFERENCES playbooks (hash),
    trigger     TEXT    NOT NULL,                      -- kind and name: `webhook defender-alert`
    status      TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
    started_ms  INTEGER NOT NULL,
    finished_ms INTEGER,
    last_seq    INTEGER NOT NULL CHECK (last_seq >= 1),
    CHECK ((status = 'running') = (finished_ms IS NULL))
) STRICT;

CREATE INDEX runs_unfinished ON runs (run) WHERE status = 'running';

-- Append-only. `lsn` makes every insert an append to one B-tree; the pair (run, seq) has its own index.
CREATE TABLE events (
    lsn     INTEGER NOT NULL PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (run),
    seq     INTEGER NOT NULL CHECK (seq >= 1),
    at_ms   INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    step    TEXT,
    payload ANY     NOT NULL                           -- JSON text
) STRICT;

CREATE UNIQUE INDEX events_by_run ON events (run, seq);

CREATE TRIGGER events_are_immutable BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE VIEW run_overview AS
SELECT r.run_id,
       r.playbook,
       r.status,
       r.trigger,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.started_ms / 1000.0, 'unixepoch')  AS started_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_ms / 1000.0, 'unixepoch') AS finished_at,
       (r.finished_ms - r.started_ms) / 1000.0                             AS seconds,
       json_extract(e.payload, '$.failure.kind')                           AS error_kind,
       json_extract(e.payload, '$.failure.message')                        AS error_message
FROM runs r
LEFT JOIN events e ON e.run = r.run AND e.kind = 'run_finished';

CREATE VIEW step_overview AS
SELECT r.run_id,
       e.step,
       min(e.seq)                                                              AS first_seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(e.at_ms) / 1000.0, 'unixepoch')      AS first_event_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(e.at_ms) / 1000.0, 'unixepoch')      AS last_event_at,
       (SELECT l.kind FROM events l WHERE l.run = e.run AND l.step = e.step ORDER BY l.seq DESC LIMIT 1)
                                                                               AS last_event,
       count(*) FILTER (WHERE e.kind = 'call_intended')                        AS calls_intended
FROM events e
JOIN runs r ON r.run = e.run
WHERE e.step IS NOT NULL
GROUP BY e.run, e.step;

-- Everything that was opened at a provider, with its provider's id.
CREATE VIEW provider_actions AS
SELECT r.run_id,
       e.step,
       json_extract(i.payload, '$.action')                                     AS action,
       coalesce(json_extract(e.payload, '$.provider_id'),
                json_extract(e.payload, '$.finding.provider_id'))              AS provider_id,
       e.kind = 'reconciled'                                                   AS adopted,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.at_ms / 1000.0, 'unixepoch')           AS accepted_at,
       json_extract(i.payload, '$.marker')                                     AS marker
FROM events e
JOIN runs r ON r.run = e.run
LEFT JOIN events i ON i.run = e.run AND i.step = e.step AND i.kind = 'call_intended'
                  AND json_extract(i.payload, '$.attempt') = json_extract(e.payload, '$.attempt')
WHERE e.kind = 'call_accepted'
   OR (e.kind = 'reconciled' AND json_extract(e.payload, '$.finding.result') = 'adopted');
