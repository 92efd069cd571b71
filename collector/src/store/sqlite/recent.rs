//! Idempotency keys of late, on their way to the table that finds them.
//!
//! Keys are as good as random: in a table of many, each falls on a page of its own, and an avis of a hundred bytes costs
//! eight thousand, in the log and in the file. So a commit appends its keys as one row, and the last ten thousands are
//! held in memory too. From there they go home a slice of their order at a time, where neighbours share pages: a
//! log-structured merge-tree of two levels (O'Neil and others, 1996).

use super::many_rows::{Bound, ManyRows, Script};
use super::{failed, get};
use crate::identity::AvisKey;
use crate::store::{Remembered, StoreError};
use jiff::Timestamp;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Keys that stay in memory, some 8 MB of them: the more there are, the more of those that go home share a page. Few in
/// tests, so that they go home there.
const KEPT: usize = if cfg!(test) { 5 } else { 65_536 };

/// What is here is what is there already, or newer.
static REMEMBER: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into remembered (avis_key, avis_no, fingerprint, accepted_at_ms)";
    let tail = "on conflict (avis_key) do update set avis_no = excluded.avis_no,
        fingerprint = excluded.fingerprint, accepted_at_ms = excluded.accepted_at_ms";
    ManyRows::new(head, 4, tail)
});

/// What is remembered of a key, with the number of its avis.
pub(super) type Numbered = (i64, Remembered);

/// The keys that rows of the file hold and `remembered` may not, in memory.
#[derive(Default)]
pub(super) struct Recent(Mutex<Keys>);

#[derive(Default)]
struct Keys {
    /// Each with the row that it came with.
    known: HashMap<AvisKey, (i64, Numbered)>,
    /// How many keys of each row are not home.
    rows: BTreeMap<i64, usize>,
    /// The last row; 0 before the first.
    last: i64,
    /// Where in the order of keys, by their first four bytes, the next slice begins.
    cursor: u32,
}

/// Keys that go home together.
struct Slice {
    /// In their order.
    keys: Vec<Numbered>,
    /// The row up to which none is left then.
    gone: Option<i64>,
    /// Where the next slice begins.
    cursor: u32,
}

/// What a transaction does to the keys, to be told to the memory once it is committed.
#[derive(Default)]
pub(super) struct Change {
    appended: Option<(i64, Vec<Numbered>)>,
    /// Keys that leave memory.
    leaving: Vec<AvisKey>,
    /// Where the next slice begins.
    cursor: Option<u32>,
    /// Rows up to this one are gone.
    gone: Option<i64>,
}

impl Change {
    /// How many keys leave memory.
    pub(super) fn leaving(&self) -> u64 {
        u64::try_from(self.leaving.len()).unwrap_or(u64::MAX)
    }
}

impl Recent {
    /// Makes sure that memory holds what the file does, whose last row this is: another process may have written.
    pub(super) async fn catch_up(
        &self,
        connection: &mut SqliteConnection,
        last: i64,
    ) -> Result<(), StoreError> {
        if self.keys().last == last {
            return Ok(());
        }
        let mut keys = Keys { last, cursor: self.keys().cursor, ..Keys::default() };
        for (row, one) in read(connection).await? {
            keys.add(row, one);
        }
        *self.keys() = keys;
        Ok(())
    }

    /// What is remembered here of these keys.
    pub(super) fn find(&self, wanted: &[AvisKey]) -> Vec<Numbered> {
        let keys = self.keys();
        wanted.iter().filter_map(|key| Some(keys.known.get(key)?.1)).collect()
    }

    /// Appends the keys of a commit.
    pub(super) fn append(&self, script: Script, added: Vec<Numbered>) -> (Script, Change) {
        if added.is_empty() {
            return (script, Change::default());
        }
        let row = self.keys().last + 1;
        let script = script.once("insert into recent (recent_no, keys) values (?, ?)", |bound| {
            bound.bind(row).bind(added.iter().flat_map(encode).collect::<Vec<u8>>())
        });
        (script, Change { appended: Some((row, added)), ..Change::default() })
    }

    /// Brings home what is more than memory keeps.
    pub(super) async fn bring_home(
        &self,
        connection: &mut SqliteConnection,
        change: &mut Change,
    ) -> Result<(), StoreError> {
        let Slice { keys: slice, gone, cursor } = self.keys().slice();
        let cannot = "cannot bring idempotency keys home";
        REMEMBER.run(connection, &slice, bind, cannot).await?;
        if let Some(gone) = gone {
            delete_to(connection, gone).await?;
        }
        change.leaving = slice.iter().map(|(_, one)| one.avis_id.key()).collect();
        change.gone = gone;
        change.cursor = Some(cursor);
        Ok(())
    }

    /// Forgets keys older than this. Returns how many, and what is to be told once it is committed.
    pub(super) async fn forget(
        &self,
        connection: &mut SqliteConnection,
        before: Timestamp,
    ) -> Result<Change, StoreError> {
        let (old, gone, is_all) = self.keys().older_than(before);
        if let Some(gone) = gone {
            delete_to(connection, gone).await?;
        }
        if is_all {
            sqlx::query("update recent set keys = x''")
                .execute(connection)
                .await
                .map_err(failed("cannot forget idempotency keys"))?;
        }
        Ok(Change { leaving: old, gone, ..Change::default() })
    }

    /// Learns what was committed.
    pub(super) fn keep(&self, change: Change) {
        let mut keys = self.keys();
        for key in &change.leaving {
            keys.remove(key);
        }
        keys.cursor = change.cursor.unwrap_or(keys.cursor);
        if let Some(gone) = change.gone {
            keys.rows.retain(|row, _| *row > gone);
        }
        if let Some((row, added)) = change.appended {
            keys.last = keys.last.max(row);
            keys.rows.entry(row).or_default();
            for one in added {
                keys.add(row, one);
            }
        }
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn add(&mut self, row: i64, one: Numbered) {
        self.remove(&one.1.avis_id.key());
        self.known.insert(one.1.avis_id.key(), (row, one));
        *self.rows.entry(row).or_default() += 1;
    }

    fn remove(&mut self, key: &AvisKey) {
        if let Some((row, _)) = self.known.remove(key)
            && let Some(left) = self.rows.get_mut(&row)
        {
            *left -= 1;
        }
    }

    /// What is next to go home.
    fn slice(&self) -> Slice {
        // After a start all that rows hold is taken for not home yet: much of it goes again, a part at a time. And where
        // another process writes too, each takes the keys of both for new, and only all of them at once empty a row.
        let more = match self.known.len() {
            known if known > 3 * KEPT => known,
            known => known.saturating_sub(KEPT).min(KEPT / 4 + 1),
        };
        // Keys are spread evenly: a part of their space holds as large a part of them.
        let width = more.saturating_mul(u32::MAX as usize) / self.known.len().max(1);
        let width = u32::try_from(width).unwrap_or(u32::MAX);
        let is_next = |key: &AvisKey| beginning(key).wrapping_sub(self.cursor) < width;
        let next = self.known.iter().filter(|(key, _)| is_next(key));
        let mut keys: Vec<_> = next.map(|(_, taken)| *taken).collect();
        keys.sort_unstable_by_key(|(_, (_, one))| one.avis_id.key());
        Slice {
            gone: self.gone_without(keys.iter().map(|(row, _)| *row)),
            keys: keys.into_iter().map(|(_, one)| one).collect(),
            cursor: self.cursor.wrapping_add(width),
        }
    }

    /// The keys older than this of the rows that hold no others, the last of these rows if it may go, and whether
    /// these are all the keys there are.
    fn older_than(&self, before: Timestamp) -> (Vec<AvisKey>, Option<i64>, bool) {
        let is_young = |one: &Numbered| one.1.accepted_at >= before;
        let first_young = self.known.values().filter(|(_, one)| is_young(one)).map(|(row, _)| *row).min();
        let old: Vec<_> =
            self.known.iter().filter(|(_, (row, _))| first_young.is_none_or(|young| *row < young)).collect();
        let gone = self.gone_without(old.iter().map(|(_, (row, _))| *row));
        let is_all = !old.is_empty() && old.len() == self.known.len();
        (old.into_iter().map(|(key, _)| *key).collect(), gone, is_all)
    }

    /// The row up to which no key is left, once one is taken from each of these. The last row stays.
    fn gone_without(&self, taken: impl Iterator<Item = i64>) -> Option<i64> {
        let mut left = self.rows.clone();
        for row in taken {
            if let Some(left) = left.get_mut(&row) {
                *left -= 1;
            }
        }
        let empty = left.iter().take_while(|(row, left)| **left == 0 && **row < self.last);
        empty.last().map(|(row, _)| *row)
    }
}

/// The first four bytes of a key, as a number.
fn beginning(key: &AvisKey) -> u32 {
    let [a, b, c, d, ..] = *key.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The keys of all rows, in the order in which they came.
pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Vec<(i64, Numbered)>, StoreError> {
    let rows = sqlx::query("select recent_no, keys from recent order by recent_no")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read idempotency keys"))?;
    let mut keys = Vec::new();
    for row in &rows {
        let (number, bytes): (i64, Vec<u8>) = (get(row, 0)?, get(row, 1)?);
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        if !rest.is_empty() {
            return Err(impossible());
        }
        for entry in entries {
            keys.push((number, decode(entry)?));
        }
    }
    Ok(keys)
}

/// What one key takes in a row, in bytes.
const ENTRY: usize = 44;

fn encode((avis_no, one): &Numbered) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    entry[..12].copy_from_slice(one.avis_id.key().as_bytes());
    entry[12..20].copy_from_slice(&avis_no.to_be_bytes());
    entry[20..36].copy_from_slice(&one.fingerprint);
    entry[36..].copy_from_slice(&one.accepted_at.as_millisecond().to_be_bytes());
    entry
}

fn decode(entry: &[u8; ENTRY]) -> Result<Numbered, StoreError> {
    fn part<const N: usize>(entry: &[u8; ENTRY], from: usize) -> [u8; N] {
        let mut part = [0; N];
        part.copy_from_slice(&entry[from..from + N]);
        part
    }
    let avis_no = i64::from_be_bytes(part(entry, 12));
    let remembered = Remembered {
        avis_id: AvisKey::from_bytes(part(entry, 0)).on(super::avis::day_of(avis_no)?),
        fingerprint: part(entry, 20),
        accepted_at: Timestamp::from_millisecond(i64::from_be_bytes(part(entry, 36)))
            .map_err(|_| impossible())?,
    };
    Ok((avis_no, remembered))
}

fn impossible() -> StoreError {
    StoreError::message("the database holds an impossible idempotency key")
}

async fn delete_to(connection: &mut SqliteConnection, last: i64) -> Result<(), StoreError> {
    sqlx::query("delete from recent where recent_no <= ?")
        .bind(last)
        .execute(connection)
        .await
        .map_err(failed("cannot bring idempotency keys home"))?;
    Ok(())
}

pub(super) fn bind(bound: Bound, (avis_no, one): &Numbered) -> Bound {
    bound
        .bind(&one.avis_id.key().as_bytes()[..])
        .bind(*avis_no)
        .bind(&one.fingerprint[..])
        .bind(one.accepted_at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key that begins with this number.
    fn key(beginning: u32) -> AvisKey {
        let mut bytes = [7; 12];
        bytes[..4].copy_from_slice(&beginning.to_be_bytes());
        AvisKey::from_bytes(bytes)
    }

    fn numbered(beginning: u32, minute: i64) -> Numbered {
        let accepted_at = Timestamp::from_second(1_795_000_000 + 60 * minute).unwrap();
        let avis_no = (20_261_122 << 32) + i64::from(beginning);
        let avis_id = key(beginning).on("2026-11-22".parse().unwrap());
        (avis_no, Remembered { avis_id, fingerprint: [3; 16], accepted_at })
    }

    fn appended(row: i64, keys: &[Numbered]) -> Change {
        Change { appended: Some((row, keys.to_vec())), ..Change::default() }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let one = numbered(u32::MAX, 5);
        assert_eq!(decode(&encode(&one)).unwrap(), one);
        assert!(decode(&[0; ENTRY]).is_err());
    }

    #[test]
    fn slices_go_round_and_rows_leave_from_the_front() {
        let recent = Recent::default();
        // Rows of four keys each, spread over their space.
        let spread = |row: u32| (0..4).map(|n| numbered((n * 4 + row) << 28, 0)).collect::<Vec<_>>();
        for row in 1..=3 {
            recent.keep(appended(i64::from(row), &spread(row - 1)));
        }
        let mut home = 0;
        let mut gone = None;
        while recent.keys().known.len() > KEPT {
            let slice = recent.keys().slice();
            let order: Vec<AvisKey> = slice.keys.iter().map(|(_, one)| one.avis_id.key()).collect();
            assert!(order.is_sorted() && !order.is_empty());
            home += order.len();
            gone = slice.gone.or(gone);
            let change =
                Change { leaving: order, cursor: Some(slice.cursor), gone: slice.gone, ..Change::default() };
            recent.keep(change);
        }
        let keys = recent.keys();
        assert_eq!(home + keys.known.len(), 12);
        assert_eq!(keys.rows.values().sum::<usize>(), keys.known.len());
        // Each row lost keys, none all of them: the last part of the space is still here.
        assert_eq!((gone, keys.rows.len()), (None, 3));
        // All but the last may go once they are empty.
        assert_eq!(keys.gone_without(keys.known.values().map(|(row, _)| *row)), Some(2));
    }

    #[test]
    fn far_too_many_go_home_at_once() {
        let recent = Recent::default();
        let keys = |from: u32| (from..from + 10).map(|n| numbered(n << 27, 0)).collect::<Vec<_>>();
        recent.keep(appended(1, &keys(0)));
        recent.keep(appended(2, &keys(10)));
        let slice = recent.keys().slice();
        assert_eq!((slice.keys.len(), slice.gone), (20, Some(1)));
    }

    #[test]
    fn what_a_later_row_says_of_a_key_holds() {
        let recent = Recent::default();
        recent.keep(appended(1, &[numbered(1, 0), numbered(2, 0)]));
        recent.keep(appended(2, &[numbered(1, 9)]));
        assert_eq!(recent.find(&[key(1), key(3)]), [numbered(1, 9)]);
        assert_eq!(recent.keys().rows, BTreeMap::from([(1, 1), (2, 1)]));
    }

    #[test]
    fn old_keys_are_forgotten_with_their_rows() {
        let recent = Recent::default();
        recent.keep(appended(1, &[numbered(1, 0), numbered(2, 1)]));
        recent.keep(appended(2, &[numbered(3, 2)]));
        let before = |minute| numbered(0, minute).1.accepted_at;
        let sorted = |(mut keys, gone, is_all): (Vec<AvisKey>, _, _)| {
            keys.sort_unstable();
            (keys, gone, is_all)
        };
        // A row goes as a whole: the younger key of the first keeps it.
        assert_eq!(recent.keys().older_than(before(1)), (vec![], None, false));
        assert_eq!(sorted(recent.keys().older_than(before(2))), (vec![key(1), key(2)], Some(1), false));
        assert_eq!(
            sorted(recent.keys().older_than(before(3))),
            (vec![key(1), key(2), key(3)], Some(1), true)
        );
    }
}
