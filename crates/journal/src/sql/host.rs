//! The statements for what a host keeps.

pub(crate) const DELIVERED: &str =
    "SELECT run_id FROM deliveries WHERE source = ?1 AND key = ?2 AND at_ms >= ?3";

/// The number of the next run: over those of all runs, and of those that a stop covers, which may have been pruned since.
pub(crate) const NEXT_RUN: &str = "
    SELECT 1 + max(coalesce((SELECT max(run) FROM runs), 0),
                   coalesce((SELECT last_run FROM stops ORDER BY stop DESC LIMIT 1), 0))";

/// Who drives what there is to drive. Here and below the index is named because SQLite, which knows nothing of how many there
/// are of what, would look through the runs themselves: all that is over is among those.
pub(crate) const DRIVERS: &str =
    "SELECT DISTINCT owner FROM runs INDEXED BY runs_under_way WHERE status = 'running' AND root IS NULL";

pub(crate) const TAKE_OVER: &str = "UPDATE runs INDEXED BY runs_under_way SET owner = ?2 WHERE owner IS ?1 AND status = 'running' AND root IS NULL";

/// How many events a run has.
macro_rules! own_events {
    ($run:literal) => {
        concat!("coalesce((SELECT max(e.seq) FROM events e WHERE e.run = ", $run, ".run), 0)")
    };
}

/// How many events those have together that a run called.
macro_rules! called_events {
    ($run:literal) => {
        concat!(
            "coalesce((SELECT sum((SELECT max(e.seq) FROM events e WHERE e.run = c.run))
                       FROM runs c WHERE c.root = ",
            $run,
            ".run), 0)"
        )
    };
}

/// How many events a run and those that it called have together.
macro_rules! family_events {
    ($run:literal) => {
        concat!(own_events!($run), " + ", called_events!($run))
    };
}

/// A valid note says how many events there are, so that they are looked up once: there may be a hundred thousand runs.
pub(crate) const LEFT: &str = concat!(
    "SELECT r.run_id, r.playbook, iif(p.run IS NULL, ",
    own_events!("r"),
    ", p.events - ",
    called_events!("r"),
    "), p.waits,
            (SELECT s.by FROM stops s
             WHERE s.cancel = 1 AND (s.playbook IS NULL OR s.playbook = r.playbook)
               AND (s.lifted_ms IS NULL OR (s.last_run >= r.run AND s.stop > r.past_stops))
             ORDER BY s.stop LIMIT 1)
     FROM runs r INDEXED BY runs_under_way LEFT JOIN parked p ON p.run = r.run AND p.events = ",
    family_events!("r"),
    " WHERE r.owner = ?1 AND r.status = 'running' AND r.root IS NULL AND r.run > ?2
     ORDER BY r.run LIMIT ?3"
);

pub(crate) const RUN_KEY: &str = "SELECT run FROM runs WHERE run_id = ?1";

/// Who drives the runs of a JSON list of `[run_id, waits]`; null where there is no such run that nobody called.
pub(crate) const PARKABLE: &str = "
    SELECT j.value ->> 0, r.run, r.owner
    FROM json_each(?1) j LEFT JOIN runs r ON r.run_id = j.value ->> 0 AND r.root IS NULL";

pub(crate) const PARK: &str = concat!(
    "INSERT INTO parked (run, events, waits)
     SELECT r.run, ",
    family_events!("r"),
    ", j.value ->> 1 FROM json_each(?1) j CROSS JOIN runs r ON r.run_id = j.value ->> 0
     WHERE r.status = 'running'
     ON CONFLICT (run) DO UPDATE SET events = excluded.events, waits = excluded.waits"
);

pub(crate) const STOP: &str = "
    INSERT INTO stops (playbook, cancel, by, at_ms, last_run)
    VALUES (?1, ?2, ?3, ?4, max(coalesce((SELECT max(run) FROM runs), 0),
                                coalesce((SELECT last_run FROM stops ORDER BY stop DESC LIMIT 1), 0)))";

pub(crate) const LIFT: &str = "UPDATE stops SET lifted_ms = ?2 WHERE playbook IS ?1 AND lifted_ms IS NULL";

pub(crate) const STOPS: &str =
    "SELECT playbook, cancel, by, at_ms FROM stops WHERE lifted_ms IS NULL ORDER BY stop";

/// Deliveries that nobody needs after ?1, no more than ?2 at once.
pub(crate) const DELETE_DELIVERIES: &str = "
    DELETE FROM deliveries WHERE (source, key) IN (
        SELECT source, key FROM deliveries WHERE until_ms < ?1 LIMIT ?2)";

/// Stops that were lifted before ?1, of which no run has to know any more.
pub(crate) const DELETE_STOPS: &str = "
    DELETE FROM stops WHERE lifted_ms < ?1 AND NOT EXISTS (
        SELECT 1 FROM runs r INDEXED BY runs_under_way WHERE r.status = 'running' AND r.run <= stops.last_run)";

/// Bytes of the pages that hold something.
pub(crate) const BYTES_IN_USE: &str = "
    SELECT (p.page_count - f.freelist_count) * s.page_size
    FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s";

/// Notes that cannot be right: of a run that is over, that somebody called, or that has fewer events than the note says;
/// and what is no JSON.
pub(crate) const WRONG_NOTES: &str = concat!(
    "SELECT r.run_id, r.status, r.root IS NOT NULL, p.events, ",
    family_events!("r"),
    ", json_valid(p.waits) FROM parked p JOIN runs r ON r.run = p.run
     WHERE r.status <> 'running' OR r.root IS NOT NULL OR p.events > ",
    family_events!("r"),
    " OR NOT json_valid(p.waits) ORDER BY p.run"
);

/// Deliveries, the runs that they began, and what those say about when that was.
pub(crate) const DELIVERIES_AND_RUNS: &str = "
    SELECT d.source, d.key, d.run_id, d.at_ms, r.started_ms
    FROM deliveries d LEFT JOIN runs r ON r.run_id = d.run_id
    WHERE r.run IS NULL OR r.started_ms <> d.at_ms";

pub(crate) const STOPPED_PLAYBOOKS: &str =
    "SELECT DISTINCT playbook FROM stops WHERE playbook IS NOT NULL ORDER BY playbook";

/// A JSON list of `[source, until_ms, waiting]`.
pub(crate) const NOTE_SCHEDULES: &str = "
    INSERT INTO schedules (source, until_ms, waiting)
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
    ON CONFLICT (source) DO UPDATE SET until_ms = excluded.until_ms, waiting = excluded.waiting";

/// A JSON list of sources.
pub(crate) const FORGET_SCHEDULES: &str =
    "DELETE FROM schedules WHERE source IN (SELECT value FROM json_each(?1))";

/// No schedule is called so: its name would begin with `schedule`.
pub(crate) const PROBE: &str = "INSERT INTO schedules (source, until_ms, waiting) VALUES ('probe', 0, '[]')";

pub(crate) const UNPROBE: &str = "DELETE FROM schedules WHERE source = 'probe'";

pub(crate) const SCHEDULES: &str = "SELECT source, until_ms, waiting FROM schedules ORDER BY source";

pub(crate) const UNDER_WAY: &str = "
    SELECT r.run_id FROM runs r
    WHERE r.playbook = ?1 AND r.status = 'running'
      AND EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = r.run_id AND d.source = ?2)
    ORDER BY r.run DESC LIMIT 1";

/// The events of a run after one of them, each with how the run stands; of a run without such events that alone.
pub(crate) const EVENTS_AFTER: &str = "
    SELECT e.seq, e.at_ms, e.payload, e.kind, e.step, r.status
    FROM runs r LEFT JOIN events e ON e.run = r.run AND e.seq > ?2
    WHERE r.run_id = ?1 ORDER BY e.seq LIMIT ?3";

pub(crate) const LIST: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs
    WHERE run < ?1 ORDER BY run DESC LIMIT ?2";

pub(crate) const LIST_UNDER_WAY: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs INDEXED BY runs_under_way
    WHERE status = 'running' AND run < ?1 ORDER BY run DESC LIMIT ?2";

/// Of one status that says that a run is over.
pub(crate) const LIST_BY_STATUS: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs
    WHERE status = ?3 AND status <> 'running' AND run < ?1 ORDER BY run DESC LIMIT ?2";

pub(crate) const LIST_BY_BOTH: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs
    WHERE playbook = ?4 AND status = ?3 AND run < ?1 ORDER BY run DESC LIMIT ?2";

/// The newest of each status are found by one index, whose entries for one playbook are not in the order of beginning.
pub(crate) const LIST_BY_PLAYBOOK: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs
    WHERE run IN (
        SELECT * FROM (SELECT run FROM runs WHERE playbook = ?4 AND status = 'running' AND run < ?1 ORDER BY run DESC LIMIT ?2)
        UNION ALL
        SELECT * FROM (SELECT run FROM runs WHERE playbook = ?4 AND status = 'succeeded' AND run < ?1 ORDER BY run DESC LIMIT ?2)
        UNION ALL
        SELECT * FROM (SELECT run FROM runs WHERE playbook = ?4 AND status = 'failed' AND run < ?1 ORDER BY run DESC LIMIT ?2)
        UNION ALL
        SELECT * FROM (SELECT run FROM runs WHERE playbook = ?4 AND status = 'cancelled' AND run < ?1 ORDER BY run DESC LIMIT ?2)
    )
    ORDER BY run DESC LIMIT ?2";

#[cfg(test)]
pub(crate) const ALL: [&str; 29] = [
    DELIVERED,
    NEXT_RUN,
    DRIVERS,
    TAKE_OVER,
    LEFT,
    RUN_KEY,
    PARKABLE,
    PARK,
    STOP,
    LIFT,
    STOPS,
    NOTE_SCHEDULES,
    PROBE,
    UNPROBE,
    FORGET_SCHEDULES,
    SCHEDULES,
    UNDER_WAY,
    EVENTS_AFTER,
    LIST,
    LIST_UNDER_WAY,
    LIST_BY_STATUS,
    LIST_BY_BOTH,
    LIST_BY_PLAYBOOK,
    DELETE_DELIVERIES,
    DELETE_STOPS,
    BYTES_IN_USE,
    WRONG_NOTES,
    DELIVERIES_AND_RUNS,
    STOPPED_PLAYBOOKS,
];
