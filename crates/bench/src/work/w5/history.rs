//! A history that never happened: copies of the one run in a journal, each with an id and times of its own. Every thousandth is
//! listed as failed, so that there is something rare to look for.

use crate::clock::wall_millis;
use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row};
use std::path::Path;

/// Over how long the runs are spread: less than the time for which a daemon keeps them.
const SPAN_MS: u64 = 60 * 24 * 60 * 60 * 1000;

/// Runs that are copied in one transaction.
const AT_ONCE: usize = 50_000;

/// ?1 and ?2: the numbers of the first and the last run; ?3: between two runs, in milliseconds; ?4: the end of the last one.
const RUNS: &str = "
    WITH RECURSIVE number (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM number WHERE n < ?2)
    INSERT INTO runs (run, run_id, playbook, source_hash, trigger, status, started_ms, finished_ms, turned_seq, owner)
    SELECT n, substr(t.run_id, 1, 24) || printf('%012x', n), t.playbook, t.source_hash, t.trigger, iif(n % 1000 = 0, 'failed', t.status),
           ?4 - (?2 - n) * ?3 - (t.finished_ms - t.started_ms), ?4 - (?2 - n) * ?3, t.turned_seq, t.owner
    FROM number, runs t WHERE t.run = 1";

const EVENTS: &str = "
    INSERT INTO events (run, seq, at_ms, kind, step, payload)
    SELECT r.run, e.seq, e.at_ms + r.finished_ms - t.finished_ms, e.kind, e.step, replace(e.payload, t.run_id, r.run_id)
    FROM runs r, runs t CROSS JOIN events e ON e.run = t.run
    WHERE t.run = 1 AND r.run BETWEEN ?1 AND ?2 ORDER BY r.run, e.seq";

/// How many runs the journal has. Nobody may have it open.
pub(super) async fn runs(journal: &Path) -> Result<usize> {
    let mut connection = SqliteConnectOptions::new().filename(journal).connect().await?;
    let row = sqlx::query("SELECT count(*) FROM runs").fetch_one(&mut connection).await?;
    let runs = usize::try_from(row.try_get::<i64, _>(0)?)?;
    connection.close().await?;
    Ok(runs)
}

/// Has the journal have so many runs, those that are added spread evenly. Nobody may have it open.
pub(super) async fn grow(journal: &Path, runs: usize) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(journal).synchronous(SqliteSynchronous::Off);
    let options = options.pragma("cache_size", "-65536");
    let mut connection = options.connect().await?;
    let there = sqlx::query("SELECT max(run) FROM runs").fetch_one(&mut connection).await?;
    let there = usize::try_from(there.try_get::<i64, _>(0)?)?;
    let (apart, now) = (SPAN_MS / (runs.saturating_sub(there) as u64).max(1), wall_millis());
    for first in (there + 1..=runs).step_by(AT_ONCE) {
        let last = (first + AT_ONCE - 1).min(runs);
        let mut transaction = connection.begin().await?;
        let end = i64::try_from(now - (runs - last) as u64 * apart)?;
        let (first, last) = (i64::try_from(first)?, i64::try_from(last)?);
        let copied = sqlx::query(RUNS).bind(first).bind(last).bind(i64::try_from(apart)?).bind(end);
        copied.execute(&mut *transaction).await.context("the runs are not copied")?;
        sqlx::query(EVENTS)
            .bind(first)
            .bind(last)
            .execute(&mut *transaction)
            .await
            .context("their events are not copied")?;
        transaction.commit().await?;
    }
    connection.close().await?;
    Ok(())
}
