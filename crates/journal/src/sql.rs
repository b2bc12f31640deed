//! Every statement, by name. A test prepares each of them against a migrated journal.

pub(crate) const INSERT_PLAYBOOK: &str =
    "INSERT INTO playbooks (hash, source, first_used_ms) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING";

pub(crate) const INSERT_RUN: &str = "
    INSERT INTO runs (run_id, playbook, source_hash, trigger, status, started_ms, last_seq)
    VALUES (?1, ?2, ?3, ?4, 'running', ?5, 1)";

pub(crate) const RUN_POSITION: &str = "SELECT run, last_seq FROM runs WHERE run_id = ?1";

/// One statement for any number of events: a JSON list of `[seq, at_ms, kind, step, payload]`.
pub(crate) const INSERT_EVENTS: &str = "
    INSERT INTO events (run, seq, at_ms, kind, step, payload)
    SELECT ?1,
           json_extract(value, '$[0]'),
           json_extract(value, '$[1]'),
           json_extract(value, '$[2]'),
           json_extract(value, '$[3]'),
           json_extract(value, '$[4]')
    FROM json_each(?2)";

pub(crate) const ADVANCE_RUN: &str = "
    UPDATE runs SET last_seq = ?2, status = coalesce(?3, status), finished_ms = coalesce(?4, finished_ms)
    WHERE run = ?1";

pub(crate) const EVENTS: &str = "
    SELECT e.seq, e.at_ms, e.payload FROM events e JOIN runs r ON r.run = e.run
    WHERE r.run_id = ?1 ORDER BY e.seq";

pub(crate) const SOURCE: &str = "SELECT source FROM playbooks WHERE hash = ?1";

pub(crate) const RUNS: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs ORDER BY run DESC LIMIT ?1";

pub(crate) const UNFINISHED: &str = "
    SELECT run_id, playbook, status, started_ms, finished_ms, trigger FROM runs
    WHERE status = 'running' AND run > coalesce((SELECT run FROM runs WHERE run_id = ?1), 0)
    ORDER BY run LIMIT ?2";

pub(crate) const RUNS_LIKE: &str =
    "SELECT run_id FROM runs WHERE run_id >= ?1 AND run_id < ?1 || 'g' ORDER BY run_id LIMIT ?2";

#[cfg(test)]
pub(crate) const ALL: [&str; 10] = [
    INSERT_PLAYBOOK,
    INSERT_RUN,
    RUN_POSITION,
    INSERT_EVENTS,
    ADVANCE_RUN,
    EVENTS,
    SOURCE,
    RUNS,
    UNFINISHED,
    RUNS_LIKE,
];
