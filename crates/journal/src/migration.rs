//! Bringing a journal up to date.

use crate::error::store_error;
use riposte_engine::StoreError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, SqlSafeStr};

/// `PRAGMA application_id` of a journal: "RIPS".
const APPLICATION_ID: i64 = 1_380_536_403;

/// The schema that has what a host keeps.
pub(crate) const HOST: i64 = 4;

/// The schema that has how far schedules are.
pub(crate) const SCHEDULES: i64 = 5;

/// The schema whose runs say by which event they stand as they do.
pub(crate) const TURNS: i64 = 7;

/// Every migration there has ever been, in order.
fn migrator() -> Migrator {
    let sources = [
        (1, "journal", include_str!("../../../migrations/0001_journal.sql")),
        (2, "owners", include_str!("../../../migrations/0002_owners.sql")),
        (3, "retries", include_str!("../../../migrations/0003_retries.sql")),
        (HOST, "host", include_str!("../../../migrations/0004_host.sql")),
        (SCHEDULES, "schedules", include_str!("../../../migrations/0005_schedules.sql")),
        (6, "payloads", include_str!("../../../migrations/0006_payloads.sql")),
        (TURNS, "turns", include_str!("../../../migrations/0007_turns.sql")),
    ];
    let list = sources
        .into_iter()
        .map(|(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(list)
}

/// Checks that the file is a journal, or empty, and not newer than this program; then applies what it lacks.
pub(crate) async fn bring_up_to_date(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match migrate(connection).await {
            // Somebody else may be making the same journal at the same moment; then it is there at the second look.
            Err(StoreError::Other(_) | StoreError::Busy(_)) if tries < MAX_TRIES => {}
            result => return result,
        }
    }
}

/// Times that a migration is tried.
const MAX_TRIES: u32 = 3;

async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let id: i64 = scalar(connection, "PRAGMA application_id").await?;
    let tables: i64 = scalar(connection, "SELECT count(*) FROM sqlite_schema").await?;
    if id == APPLICATION_ID {
        not_newer(connection).await?;
    } else if tables > 0 && !begun(connection).await? {
        return Err(not_a_journal());
    }
    migrator().run(connection).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error)
        | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => store_error(error),
        other => StoreError::Damaged(format!("its schema is not one that riposte has made: {other}")),
    })
}

/// Checks that the file is a journal of a schema that this program knows, and changes nothing. The schema.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let id: i64 = scalar(connection, "PRAGMA application_id").await?;
    if id == APPLICATION_ID {
        not_newer(connection).await?;
        return schema(connection).await;
    }
    // Somebody was interrupted before the first run was recorded.
    let empty = begun(connection).await?;
    Err(if empty { StoreError::NotFound("runs yet".to_owned()) } else { not_a_journal() })
}

fn not_a_journal() -> StoreError {
    StoreError::Damaged("the file is another program's database, not a journal".to_owned())
}

/// The number of the schema that this program writes.
pub(crate) fn newest() -> i64 {
    migrator().iter().map(|migration| migration.version).max().unwrap_or(0)
}

async fn not_newer(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let known = newest();
    let found = schema(connection).await?;
    if found > known { Err(StoreError::TooNew { found, known }) } else { Ok(()) }
}

/// The number of the schema that a journal has.
pub(crate) async fn schema(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    scalar(connection, "SELECT max(version) FROM _sqlx_migrations").await
}

/// Whether somebody was interrupted between making the table of migrations and the first of them.
async fn begun(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    let others: i64 =
        scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> '_sqlx_migrations'").await?;
    Ok(others == 0)
}

async fn scalar(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, StoreError> {
    let row = sqlx::query(sql).fetch_one(connection).await.map_err(store_error)?;
    row.try_get(0).map_err(store_error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::batch::insert_events;
    use sqlx::{Connection, Executor};

    async fn fresh() -> SqliteConnection {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        bring_up_to_date(&mut connection).await.unwrap();
        connection
    }

    #[tokio::test]
    async fn every_statement_fits_the_schema() {
        let mut connection = fresh().await;
        crate::open::furnish(&mut connection).await.unwrap();
        let batches = [1, 9, 100].map(insert_events);
        let fixed = crate::sql::ALL.into_iter().chain(crate::sql::host::ALL).map(str::to_owned);
        for statement in fixed.chain(batches) {
            (&mut connection)
                .prepare(sqlx::AssertSqlSafe(&*statement).into_sql_str())
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }

    /// What a statement does with the tables that grow for ever.
    async fn plan(connection: &mut SqliteConnection, statement: &str) -> String {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(explain).fetch_all(connection).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>(3) + "\n").collect()
    }

    #[tokio::test]
    async fn nothing_that_is_asked_often_looks_at_every_run_or_event() {
        use crate::sql::{self, host};
        let mut connection = fresh().await;
        for (statement, index) in [
            (sql::LOOK, "SEARCH r USING INDEX sqlite_autoindex_runs_1"),
            (sql::LOOK, "SEARCH e USING COVERING INDEX events_by_run (run=?)"),
            (&*insert_events(9), "SEARCH r USING INTEGER PRIMARY KEY"),
            (&*insert_events(9), "SEARCH o USING INTEGER PRIMARY KEY"),
            (sql::TURN_RUNS, "SEARCH runs USING INTEGER PRIMARY KEY"),
            (sql::EVENTS, "SEARCH e USING INDEX events_by_run"),
            (sql::RUNS, ""),
            (sql::UNFINISHED, "SEARCH runs USING INDEX runs_under_way (run>?)"),
            (sql::PRUNABLE, "SEARCH o USING INDEX runs_by_end"),
            (sql::DELETE_EVENTS, "INDEX events_by_run (run=?)"),
            (sql::DELETE_PLAYBOOKS, "SEARCH runs USING COVERING INDEX runs_by_source"),
            (sql::LOOK, "SEARCH d USING PRIMARY KEY (source=? AND key=?)"),
            (host::DELIVERED, "SEARCH deliveries USING PRIMARY KEY (source=? AND key=?)"),
            (host::NEXT_RUN, "SEARCH runs"),
            (host::DRIVERS, "COVERING INDEX runs_under_way"),
            (host::TAKE_OVER, "INDEX runs_under_way"),
            (host::LEFT, "SEARCH r USING INDEX runs_under_way (run>?)"),
            (host::LEFT, "SEARCH c USING COVERING INDEX runs_by_root (root=?)"),
            (host::PARKABLE, "SEARCH r USING INDEX sqlite_autoindex_runs_1 (run_id=?)"),
            (host::PARK, "SEARCH r USING INDEX sqlite_autoindex_runs_1 (run_id=?)"),
            (host::LIST, "SEARCH runs USING INTEGER PRIMARY KEY (rowid<?)"),
            (host::LEFT, "SEARCH e USING COVERING INDEX events_by_run (run=?)"),
            (host::PARK, "SEARCH e USING COVERING INDEX events_by_run (run=?)"),
            (host::LIST_UNDER_WAY, "SEARCH runs USING INDEX runs_under_way (run<?)"),
            (host::LIST_BY_STATUS, "SEARCH runs USING INDEX runs_by_status (status=? AND rowid<?)"),
            (
                host::LIST_BY_BOTH,
                "SEARCH runs USING INDEX runs_by_playbook (playbook=? AND status=? AND rowid<?)",
            ),
            (
                host::LIST_BY_PLAYBOOK,
                "SEARCH runs USING COVERING INDEX runs_by_playbook (playbook=? AND status=? AND rowid<?)",
            ),
            (host::UNDER_WAY, "SEARCH r USING INDEX runs_by_playbook (playbook=? AND status=?)"),
            (host::UNDER_WAY, "USING COVERING INDEX deliveries_by_run (run_id=? AND source=?)"),
            (host::DELETE_DELIVERIES, "SEARCH deliveries USING COVERING INDEX deliveries_by_until"),
        ] {
            let plan = plan(&mut connection, statement).await;
            assert!(plan.contains(index), "{statement}\n{plan}");
            // Listing the newest goes through the table from its end, and stops; who drives stands in the index of the open runs.
            let scans = [sql::RUNS, host::DRIVERS, host::TAKE_OVER].contains(&statement);
            for table in ["SCAN runs", "SCAN r", "SCAN o", "SCAN e", "SCAN d"] {
                assert!(
                    scans || plan.lines().all(|line| !line.split(" USING").next().unwrap().ends_with(table)),
                    "{statement}\n{plan}"
                );
            }
            let sorts = [host::LIST_BY_PLAYBOOK, host::DRIVERS].contains(&statement);
            assert!(sorts || !plan.contains("TEMP B-TREE"), "{statement}\n{plan}");
        }
    }

    #[tokio::test]
    async fn the_public_views_can_be_read() {
        let mut connection = fresh().await;
        for view in
            ["SELECT * FROM run_overview", "SELECT * FROM step_overview", "SELECT * FROM provider_actions"]
        {
            sqlx::query(view).fetch_all(&mut connection).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_second_time_changes_nothing() {
        let mut connection = fresh().await;
        bring_up_to_date(&mut connection).await.unwrap();
    }

    #[tokio::test]
    async fn a_newer_journal_is_refused() {
        let mut connection = fresh().await;
        sqlx::query("UPDATE _sqlx_migrations SET version = 99 WHERE version = 7")
            .execute(&mut connection)
            .await
            .unwrap();
        let refused = bring_up_to_date(&mut connection).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooNew { found: 99, known: 7 }), "{refused}");
    }

    #[tokio::test]
    async fn another_programs_database_is_left_alone() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::query("CREATE TABLE theirs (x)").execute(&mut connection).await.unwrap();
        let refused = bring_up_to_date(&mut connection).await.unwrap_err();
        assert!(refused.to_string().contains("another program's database"), "{refused}");
    }
}
