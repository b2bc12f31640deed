//! Every statement, by name. A test prepares each of them against a migrated journal.

pub(crate) mod batch;
pub(crate) mod host;

pub(crate) const INSERT_PLAYBOOK: &str =
    "INSERT INTO playbooks (hash, source, first_used_ms) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING";

pub(crate) const INSERT_RUN: &str = "
    INSERT INTO runs (run, run_id, playbook, source_hash, trigger, status, started_ms, turned_seq, owner, root)
    VALUES (?8, ?1, ?2, ?3, ?4, 'running', ?5, 1, iif(?7 IS NULL, ?6, NULL),
            (SELECT coalesce(p.root, p.run) FROM runs p WHERE p.run_id = ?7))";

/// The run that a run's calls go back to, and who drives it.
pub(crate) const OWNER: &str = "
    SELECT o.run, o.owner FROM runs r JOIN runs o ON o.run = coalesce(r.root, r.run) WHERE r.run_id = ?1";

pub(crate) const SET_OWNER: &str = "UPDATE runs SET owner = ?2 WHERE run = ?1";

/// Where everything stands that requests are about: the number of the next run, the runs of a JSON list of ids, which of the
/// deliveries in a JSON list of `[source, key, since]` are known, and which of the playbooks in a JSON list of hashes. The
/// next run's number is over those of all runs, and of those that a stop covers, which may have been pruned since.
macro_rules! look {
    () => {
        "SELECT 'next', NULL, 1 + max(coalesce((SELECT max(run) FROM runs), 0),
                                      coalesce((SELECT last_run FROM stops ORDER BY stop DESC LIMIT 1), 0)), NULL, NULL
         UNION ALL
         SELECT 'run', r.run_id, r.run, coalesce((SELECT max(e.seq) FROM events e WHERE e.run = r.run), 0), o.owner
         FROM json_each(?) j CROSS JOIN runs r ON r.run_id = j.value
         CROSS JOIN runs o ON o.run = coalesce(r.root, r.run)
         UNION ALL
         SELECT 'known', d.run_id, j.key, NULL, NULL
         FROM json_each(?) j CROSS JOIN deliveries d ON d.source = j.value ->> 0 AND d.key = j.value ->> 1
         WHERE d.at_ms >= j.value ->> 2
         UNION ALL
         SELECT 'playbook', p.hash, NULL, NULL, NULL
         FROM json_each(?) j CROSS JOIN playbooks p ON p.hash = j.value"
    };
}
pub(crate) const LOOK: &str = look!();

/// sqlx carries several statements out with one exchange between threads, and gives them the parameters one after the other:
/// none may have a number.
pub(crate) const BEGIN_AND_LOOK: &str = concat!("BEGIN IMMEDIATE; ", look!());

/// A JSON list of `[run, run_id, playbook, source_hash, trigger, started_ms]`; before it, whose they are.
///
/// Their numbers may have been remembered. One that a stop covers, because somebody else has begun a run and it is gone
/// again, gets a first event that it cannot have, and the transaction fails.
pub(crate) const INSERT_RUNS: &str = "
    INSERT INTO runs (owner, run, run_id, playbook, source_hash, trigger, status, started_ms, turned_seq)
    SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, 'running', value ->> 5,
           iif(value ->> 0 > coalesce((SELECT last_run FROM stops ORDER BY stop DESC LIMIT 1), 0), 1, 0)
    FROM json_each(?)";

/// What a connection that writes has for itself: an event with the run that begins by the first of them, so that a lone beginning
/// is one statement, and a transaction without anything around it. Nothing of it stands in the file.
pub(crate) const BEGINNINGS: &str = "
    CREATE TEMP VIEW beginnings
        (run_id, playbook, source_hash, trigger, owner, run, seq, at_ms, kind, step, payload) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;
    CREATE TEMP TRIGGER beginnings_begin INSTEAD OF INSERT ON beginnings
    BEGIN
        INSERT INTO runs (run, run_id, playbook, source_hash, trigger, status, started_ms, turned_seq, owner)
        SELECT new.run, new.run_id, new.playbook, new.source_hash, new.trigger, 'running', new.at_ms,
               iif(new.run > coalesce((SELECT last_run FROM stops ORDER BY stop DESC LIMIT 1), 0), 1, 0), new.owner
        WHERE new.seq = 1;
        INSERT INTO events (run, seq, at_ms, kind, step, payload)
        VALUES (new.run, new.seq, new.at_ms, new.kind, new.step, new.payload);
    END";

/// A JSON list of `[run, status, finished_ms, turned_seq, retried]`, or null. Stops that were given before a run is retried are
/// not for it.
pub(crate) const TURN_RUNS: &str = "
    UPDATE runs SET status = j.value ->> 1, finished_ms = j.value ->> 2, turned_seq = j.value ->> 3,
                    past_stops = iif(j.value ->> 4, (SELECT coalesce(max(stop), 0) FROM stops), past_stops)
    FROM json_each(?) j WHERE runs.run = j.value ->> 0";

/// A JSON list of `[source, key, run_id, at_ms, until_ms]`.
pub(crate) const INSERT_DELIVERIES: &str = "
    INSERT INTO deliveries (source, key, run_id, at_ms, until_ms)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) WHERE true
    ON CONFLICT (source, key) DO UPDATE
    SET run_id = excluded.run_id, at_ms = excluded.at_ms, until_ms = excluded.until_ms";

pub(crate) const EVENTS: &str = "
    SELECT e.seq, e.at_ms, e.payload, e.kind, e.step FROM events e JOIN runs r ON r.run = e.run
    WHERE r.run_id = ?1 ORDER BY e.seq";

pub(crate) const SOURCE: &str = "SELECT source FROM playbooks WHERE hash = ?1";

pub(crate) const RUNS: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs ORDER BY run DESC LIMIT ?1";

pub(crate) const UNFINISHED: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs INDEXED BY runs_under_way
    WHERE status = 'running' AND run > coalesce((SELECT run FROM runs WHERE run_id = ?1), 0)
    ORDER BY run LIMIT ?2";

pub(crate) const RUNS_LIKE: &str =
    "SELECT run_id FROM runs WHERE run_id >= ?1 AND run_id < ?1 || 'g' ORDER BY run_id LIMIT ?2";

/// Rows of `runs` as [`crate::Record`] reads them, with what the last column was called.
macro_rules! records {
    ($turned:literal, $which:literal) => {
        concat!(
            "SELECT run, run_id, playbook, source_hash, trigger, status, started_ms, finished_ms, ",
            $turned,
            " FROM runs ",
            $which
        )
    };
}
pub(crate) const RECORDS: &str =
    records!("turned_seq", "WHERE run > ?1 AND started_ms >= ?2 ORDER BY run LIMIT ?3");
pub(crate) const RECORD: &str = records!("turned_seq", "WHERE run = ?1");

/// The same in a journal of before, where that was the last event.
pub(crate) const OLD_RECORDS: &str =
    records!("last_seq", "WHERE run > ?1 AND started_ms >= ?2 ORDER BY run LIMIT ?3");
pub(crate) const OLD_RECORD: &str = records!("last_seq", "WHERE run = ?1");

/// Whether a run (?1) stands with the one that its caller's calls go back to; ?2 is the caller's id, if there is one.
pub(crate) const FAMILY: &str = "
    SELECT r.root IS (SELECT coalesce(p.root, p.run) FROM runs p WHERE p.run_id = ?2) FROM runs r WHERE r.run = ?1";

pub(crate) const HASHES: &str = "SELECT hash FROM playbooks ORDER BY hash";

/// The number of a run's last event, by the index alone.
pub(crate) const LAST_EVENT: &str = "SELECT coalesce(max(seq), 0) FROM events WHERE run = ?1";

/// The events of a run after one of them.
pub(crate) const VERIFY_EVENTS: &str = "
    SELECT seq, at_ms, payload, kind, step FROM events WHERE run = ?1 AND seq > ?2 ORDER BY seq";

/// The table or index that a tree is of.
pub(crate) const TREE: &str = "SELECT name FROM sqlite_schema WHERE rootpage = ?1";

pub(crate) const INTEGRITY: &str = "PRAGMA integrity_check";

pub(crate) const FOREIGN_KEYS: &str = "PRAGMA foreign_key_check";

/// Whether `o`, a run that nobody called, may go: over before ?1, older than the newest that stay (?2), and all that it
/// called is over too.
macro_rules! prunable {
    () => {
        "o.root IS NULL AND o.status <> 'running' AND o.finished_ms < ?1 AND o.run < ?2
         AND NOT EXISTS (SELECT 1 FROM runs c WHERE c.root = o.run AND +c.status = 'running')"
    };
}

pub(crate) const FIRST_KEPT: &str = "
    SELECT run FROM runs WHERE root IS NULL AND status <> 'running' ORDER BY run DESC LIMIT 1 OFFSET ?1";

/// The next that may go after one that was over at ?3 and has the number ?4, in the order in which they ended.
pub(crate) const PRUNABLE: &str = concat!(
    "SELECT o.run, o.finished_ms FROM runs o WHERE ",
    prunable!(),
    " AND (o.finished_ms, o.run) > (?3, ?4) ORDER BY o.finished_ms, o.run LIMIT ?5"
);

pub(crate) const COUNT_FAMILY: &str = "
    SELECT count(*), coalesce(sum((SELECT count(*) FROM events e WHERE e.run = r.run)), 0)
    FROM runs r WHERE r.run = ?1 OR r.root = ?1";

pub(crate) const COUNT_PLAYBOOKS: &str = concat!(
    "SELECT count(*) FROM playbooks WHERE hash NOT IN (
         SELECT r.source_hash FROM runs r JOIN runs o ON o.run = coalesce(r.root, r.run) WHERE NOT (",
    prunable!(),
    "))"
);

pub(crate) const DELETE_EVENTS: &str =
    "DELETE FROM events WHERE run IN (SELECT run FROM runs WHERE run = ?1 OR root = ?1)";

pub(crate) const DELETE_CALLED: &str = "DELETE FROM runs WHERE root = ?1";

pub(crate) const DELETE_ROOT: &str = "DELETE FROM runs WHERE run = ?1";

pub(crate) const DELETE_PLAYBOOKS: &str = "
    DELETE FROM playbooks WHERE NOT EXISTS (SELECT 1 FROM runs WHERE source_hash = hash)";

/// Pages, trees and what every row must hold, without comparing indices with their tables.
pub(crate) const QUICK_CHECK: &str = "PRAGMA quick_check(1)";

#[cfg(test)]
pub(crate) const ALL: [&str; 31] = [
    LOOK,
    INSERT_RUNS,
    TURN_RUNS,
    INSERT_DELIVERIES,
    TREE,
    FAMILY,
    OWNER,
    SET_OWNER,
    FIRST_KEPT,
    PRUNABLE,
    COUNT_FAMILY,
    COUNT_PLAYBOOKS,
    DELETE_EVENTS,
    DELETE_CALLED,
    DELETE_ROOT,
    DELETE_PLAYBOOKS,
    INSERT_PLAYBOOK,
    INSERT_RUN,
    EVENTS,
    SOURCE,
    RUNS,
    UNFINISHED,
    RUNS_LIKE,
    RECORDS,
    RECORD,
    HASHES,
    VERIFY_EVENTS,
    LAST_EVENT,
    INTEGRITY,
    QUICK_CHECK,
    FOREIGN_KEYS,
];
