//! Bringing a journal up to date.

use crate::error::store_error;
use riposte_engine::StoreError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, SqlSafeStr};

/// `PRAGMA application_id` of a journal: "RIPS".
const APPLICATION_ID: i64 = 1_380_536_403;

/// Every migration there has ever been, in order.
fn migrator() -> Migrator {
    let sources = [
        (1, "journal", include_str!("../../../migrations/0001_journal.sql")),
        (2, "owners", include_str!("../../../migrations/0002_owners.sql")),
        (3, "retries", include_str!("../../../migrations/0003_retries.sql")),
        (4, "host", include_str!("../../../migrations/0004_host.sql")),
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

/// Checks that the file is a journal of this program's schema, and changes nothing.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let id: i64 = scalar(connection, "PRAGMA application_id").await?;
    if id == APPLICATION_ID {
        return not_newer(connection).await;
    }
    // Somebody was interrupted before the first run was recorded.
    let empty = begun(connection).await?;
    Err(if empty { StoreError::NotFound("runs yet".to_owned()) } else { not_a_journal() })
}

fn not_a_journal() -> StoreError {
    StoreError::Damaged("the file is another program's database, not a journal".to_owned())
}

async fn not_newer(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let known = migrator().iter().map(|migration| migration.version).max().unwrap_or(0);
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
    use sqlx::{Connection, Executor};

    async fn fresh() -> SqliteConnection {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        bring_up_to_date(&mut connection).await.unwrap();
        connection
    }

    #[tokio::test]
    async fn every_statement_fits_the_schema() {
        let mut connection = fresh().await;
        for statement in crate::sql::ALL.into_iter().chain(crate::sql::host::ALL) {
            (&mut connection)
                .prepare(statement.into_sql_str())
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
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
        sqlx::query("UPDATE _sqlx_migrations SET version = 99 WHERE version = 4")
            .execute(&mut connection)
            .await
            .unwrap();
        let refused = bring_up_to_date(&mut connection).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooNew { found: 99, known: 4 }), "{refused}");
    }

    #[tokio::test]
    async fn another_programs_database_is_left_alone() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::query("CREATE TABLE theirs (x)").execute(&mut connection).await.unwrap();
        let refused = bring_up_to_date(&mut connection).await.unwrap_err();
        assert!(refused.to_string().contains("another program's database"), "{refused}");
    }
}
