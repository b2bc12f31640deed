-- A run may be retried after it has failed, and then ends more than once. Immutable: a change is a new file with the next
-- number.

-- One row a run, with its last end; what is not over has none, whatever it came to before.
DROP VIEW run_overview;

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
LEFT JOIN events e ON e.run = r.run AND e.seq = r.last_seq AND e.kind = 'run_finished';
