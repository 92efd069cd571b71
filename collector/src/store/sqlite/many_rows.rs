//! Statements of many rows: each call of a statement costs a round trip to the connection's thread, some ten times what
//! a row costs. So rows go by the hundred; and since SQLite prepares a text once, in few sizes, the places that are
//! left over staying empty.

use super::failed;
use crate::store::StoreError;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection};

pub(crate) type Bound = Query<'static, Sqlite, SqliteArguments>;

/// Parameters of one statement at most. SQLite takes 32,766, but what holds so many is given back to the system after
/// each statement and asked for again, which costs more than the calls it saves.
const PARAMETERS_MAX: usize = 4_096;

/// Rows of one statement at most.
const ROWS_MAX: usize = 128;

/// One statement for 1, 2, 3, 4, 6, 8, 12, … rows.
pub(crate) struct ManyRows {
    sizes: Vec<(usize, String)>,
}

impl ManyRows {
    /// `{head} {rows} {tail}`, where each row has so many columns and its first is never null: it tells a row from
    /// an empty place.
    pub(crate) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let text = |rows| {
            let rows = vec![row.as_str(); rows].join(", ");
            format!("{head} select * from (values {rows}) where column1 is not null {tail}")
        };
        let powers = (0..).map(|power| 1_usize << power);
        let sizes = powers.flat_map(|size| [Some(size), (size > 1).then_some(size + size / 2)]).flatten();
        let most = ROWS_MAX.min(PARAMETERS_MAX / columns);
        Self { sizes: sizes.take_while(|rows| *rows <= most).map(|rows| (rows, text(rows))).collect() }
    }

    /// Runs it over all rows, in the smallest size that holds them.
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
            if rows.is_empty() {
                return None;
            }
            let holds_all = self.sizes.iter().find(|(size, _)| *size >= rows.len());
            let (size, text) = holds_all.or(self.sizes.last())?;
            let (piece, rest) = rows.split_at(rows.len().min(*size));
            rows = rest;
            Some((text.as_str(), piece))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    #[test]
    fn rows_go_in_the_smallest_size_that_holds_them() {
        static STATEMENT: LazyLock<ManyRows> =
            LazyLock::new(|| ManyRows::new("insert into t", PARAMETERS_MAX / 9, "on conflict do nothing"));
        let sizes: Vec<usize> = STATEMENT.sizes.iter().map(|(size, _)| *size).collect();
        assert_eq!(sizes, [1, 2, 3, 4, 6, 8]);
        let pieces = |rows: usize| -> Vec<(usize, usize)> {
            let size = |text: &str| text.matches('(').count() - 1;
            STATEMENT.pieces(&vec![0; rows]).map(|(text, rows)| (size(text), rows.len())).collect()
        };
        assert_eq!(pieces(0), []);
        assert_eq!(pieces(5), [(6, 5)]);
        assert_eq!(pieces(11), [(8, 8), (3, 3)]);
        assert_eq!(
            ManyRows::new("insert into t", 2, "returning a").sizes[1].1,
            "insert into t select * from (values (?, ?), (?, ?)) where column1 is not null returning a"
        );
    }
}
