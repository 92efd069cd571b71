//! Statements of many rows, and many statements a call: each call is two turns of threads, to the connection's own and
//! back, which cost more than a hundred rows do where processors are busy.
//!
//! SQLite prepares a text once; so rows go in few sizes, and the places that are left over stay empty.

use super::failed;
use crate::store::StoreError;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

/// Parameters of one statement at most. SQLite takes 32,766, but what holds so many is given back to the system after
/// each statement and asked for again, which costs more than the calls it saves.
const PARAMETERS_MAX: usize = 4_096;

/// Rows of one statement at most.
pub(crate) const ROWS_MAX: usize = 256;

/// One statement for 1, 2, 4, … rows.
pub(crate) struct ManyRows {
    columns: usize,
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
        let most = ROWS_MAX.min(PARAMETERS_MAX / columns);
        let sizes = (0..).map(|power| 1_usize << power).take_while(|rows| *rows <= most);
        Self { columns, sizes: sizes.map(|rows| (rows, text(rows))).collect() }
    }

    /// Runs it over all rows, in the smallest size that holds them.
    pub(crate) async fn run<T>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: &[T],
        bind: impl Fn(Bound, &T) -> Bound,
        context: &'static str,
    ) -> Result<(), StoreError> {
        for piece in self.pieces(rows) {
            Script::default().piece(self, &piece, &bind).run(connection, context).await?;
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
        for piece in self.pieces(rows) {
            answers.extend(Script::default().piece(self, &piece, &bind).fetch(connection, context).await?);
        }
        Ok(answers)
    }

    fn pieces<'r, T>(&self, rows: &'r [T]) -> impl Iterator<Item = Piece<'_, 'r, T>> {
        let most = self.sizes.last().map_or(1, |(size, _)| *size);
        rows.chunks(most).filter_map(|rows| {
            let (size, text) = self.sizes.iter().find(|(size, _)| *size >= rows.len())?;
            Some(Piece { text, rows, empty: size - rows.len() })
        })
    }
}

/// Rows that go in one statement.
struct Piece<'s, 'r, T> {
    text: &'s str,
    rows: &'r [T],
    /// Places that are left over.
    empty: usize,
}

/// Statements that go in one call, one after the other; the first that fails ends it.
#[derive(Default)]
pub(crate) struct Script {
    text: String,
    bound: Bound,
}

impl Script {
    /// Whether it has no statement.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds a statement, with its values.
    pub(crate) fn once(mut self, text: &str, bind: impl FnOnce(Bound) -> Bound) -> Self {
        self.add(text);
        self.bound = bind(self.bound);
        self
    }

    /// Adds a statement over all rows.
    pub(crate) fn rows<T>(
        self,
        statement: &'static ManyRows,
        rows: &[T],
        bind: impl Fn(Bound, &T) -> Bound,
    ) -> Self {
        statement.pieces(rows).fold(self, |script, piece| script.piece(statement, &piece, &bind))
    }

    fn piece<T>(
        mut self,
        statement: &ManyRows,
        piece: &Piece<'_, '_, T>,
        bind: impl Fn(Bound, &T) -> Bound,
    ) -> Self {
        self.add(piece.text);
        self.bound = piece.rows.iter().fold(self.bound, bind);
        for _ in 0..piece.empty * statement.columns {
            self.bound = self.bound.bind(None::<i64>);
        }
        self
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push_str(";\n");
    }

    /// Runs it.
    pub(crate) async fn run(
        self,
        connection: &mut SqliteConnection,
        context: &'static str,
    ) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        let values = self.bound.finish().map_err(|error| failed(context)(sqlx::Error::Encode(error)))?;
        // Its parts are texts of this program alone; values are bound.
        let query = sqlx::query_with(AssertSqlSafe(self.text), values);
        query.execute(connection).await.map_err(failed(context))?;
        Ok(())
    }

    /// Runs it, and reads the rows of all its statements.
    pub(crate) async fn fetch(
        self,
        connection: &mut SqliteConnection,
        context: &'static str,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        if self.is_empty() {
            return Ok(vec![]);
        }
        let values = self.bound.finish().map_err(|error| failed(context)(sqlx::Error::Encode(error)))?;
        let query = sqlx::query_with(AssertSqlSafe(self.text), values);
        query.fetch_all(connection).await.map_err(failed(context))
    }
}

/// Values on their way to a statement, in its order.
#[derive(Default)]
pub(crate) struct Bound(Box<Values>);

#[derive(Default)]
struct Values {
    arguments: SqliteArguments,
    error: Option<BoxDynError>,
}

impl Bound {
    /// Adds a value.
    pub(crate) fn bind<'v>(mut self, value: impl Encode<'v, Sqlite> + Type<Sqlite>) -> Self {
        if let Err(error) = self.0.arguments.add(value) {
            self.0.error.get_or_insert(error);
        }
        self
    }

    fn finish(self) -> Result<SqliteArguments, BoxDynError> {
        match self.0.error {
            Some(error) => Err(error),
            None => Ok(self.0.arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection, Row};
    use std::sync::LazyLock;

    #[test]
    fn rows_go_in_the_smallest_size_that_holds_them() {
        static STATEMENT: LazyLock<ManyRows> =
            LazyLock::new(|| ManyRows::new("insert into t", PARAMETERS_MAX / 9, "on conflict do nothing"));
        let sizes: Vec<usize> = STATEMENT.sizes.iter().map(|(size, _)| *size).collect();
        assert_eq!(sizes, [1, 2, 4, 8]);
        let pieces = |rows: usize| -> Vec<(usize, usize)> {
            STATEMENT.pieces(&vec![0; rows]).map(|piece| (piece.rows.len(), piece.empty)).collect()
        };
        assert_eq!(pieces(0), []);
        assert_eq!(pieces(5), [(5, 3)]);
        assert_eq!(pieces(11), [(8, 0), (3, 1)]);
        assert_eq!(
            ManyRows::new("insert into t", 2, "returning a").sizes[1].1,
            "insert into t select * from (values (?, ?), (?, ?)) where column1 is not null returning a"
        );
    }

    #[tokio::test]
    async fn the_statements_of_a_script_each_take_their_own_values() {
        static PAIRS: LazyLock<ManyRows> = LazyLock::new(|| ManyRows::new("insert into t", 2, ""));
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let both = |bound: Bound, (a, b): &(i64, &str)| bound.bind(*a).bind(*b);
        let rows = Script::default()
            .once("create table t (a integer, b text)", |bound| bound)
            .rows(&PAIRS, &[(1, "one"), (2, "two"), (3, "three")], both)
            .once("insert into t values (?, 'four')", |bound| bound.bind(4))
            .once("select a, b from t where a >= ? order by a", |bound| bound.bind(3))
            .once("select a, b from t where b = ?", |bound| bound.bind("one"))
            .fetch(&mut connection, "cannot")
            .await
            .unwrap();
        let read: Vec<(i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(read, [(3, "three".to_owned()), (4, "four".to_owned()), (1, "one".to_owned())]);
    }
}
