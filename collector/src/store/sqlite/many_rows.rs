//! Statements of many rows: each call of a statement costs a round trip to the connection's thread, some ten times what
//! a row costs. So rows go by the hundred; and since SQLite prepares a text once, in few sizes.

use super::failed;
use crate::store::StoreError;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection};

pub(crate) type Bound = Query<'static, Sqlite, SqliteArguments>;

/// Parameters of one statement at most: beyond, preparing it costs more than it saves.
const PARAMETERS_MAX: usize = 4_096;

/// One statement for 1, 2, 4, … rows of values: `{head} (?, ?), (?, ?) {tail}`.
pub(crate) struct ManyRows {
    texts: Vec<String>,
}

impl ManyRows {
    /// A statement around `values` of so many columns.
    pub(crate) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let sizes = (0..).map(|power| 1_usize << power).take_while(|rows| rows * columns <= PARAMETERS_MAX);
        let text = |rows| format!("{head} values {} {tail}", vec![row.as_str(); rows].join(", "));
        Self { texts: sizes.map(text).collect() }
    }

    /// Runs it over all rows, the largest size that fits at a time.
    pub(crate) async fn run<T>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: &[T],
        bind: impl Fn(Bound, &T) -> Bound,
        context: &'static str,
    ) -> Result<(), StoreError> {
        for (text, rows) in self.pieces(rows) {
            rows.iter()
                .fold(sqlx::query(text), &bind)
                .execute(&mut *connection)
                .await
                .map_err(failed(context))?;
        }
        Ok(())
    }

    /// The same for a statement that answers with rows.
    pub(crate) async fn fetch<T>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: &[T],
        bind: impl Fn(Bound, &T) -> Bound,
        context: &'static str,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let mut answers = Vec::new();
        for (text, rows) in self.pieces(rows) {
            let query = rows.iter().fold(sqlx::query(text), &bind);
            answers.extend(query.fetch_all(&mut *connection).await.map_err(failed(context))?);
        }
        Ok(answers)
    }

    fn pieces<'r, T>(&'static self, mut rows: &'r [T]) -> impl Iterator<Item = (&'static str, &'r [T])> {
        std::iter::from_fn(move || {
            let fitting = usize::try_from(rows.len().checked_ilog2()?).ok()?;
            let power = fitting.min(self.texts.len() - 1);
            let (piece, rest) = rows.split_at(1 << power);
            rows = rest;
            Some((self.texts[power].as_str(), piece))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    #[test]
    fn rows_go_in_powers_of_two_the_largest_first() {
        static STATEMENT: LazyLock<ManyRows> =
            LazyLock::new(|| ManyRows::new("insert into t", 1_000, "on conflict do nothing"));
        let sizes: Vec<usize> = STATEMENT.pieces(&[0; 11]).map(|(_, rows)| rows.len()).collect();
        assert_eq!(sizes, [4, 4, 2, 1]);
        assert_eq!(STATEMENT.pieces::<u8>(&[]).count(), 0);
        assert_eq!(
            ManyRows::new("insert into t", 2, "returning a").texts[1],
            "insert into t values (?, ?), (?, ?) returning a"
        );
    }
}
