-- Many avis a commit: what makes a batch cheap, a count exact and an upgrade safe.

-- The oldest migration that a binary must know to work on this database. A migration that only adds leaves it, so
-- that binaries of two versions serve side by side; one that takes away raises it, and older binaries refuse.
create table compatibility (
    oldest integer not null
) strict;

insert into compatibility (oldest) values (2);

-- What was accepted in the last 72 hours, by a digest of the idempotency key, which is the same on every day and under
-- every secret: one look finds a replay. A withdrawn avis stays here, so that a late replay does not bring it back.
create table idempotency_key (
    key_digest blob primary key,
    avis_id blob not null,
    fingerprint blob not null,
    accepted_at_ms integer not null
) strict, without rowid;

drop table idempotency;

-- Which open questions were answered, as bits: 1 help_tried_other, 2 malfunctions_other, 4 comment. Counting reads
-- this and not the texts, so that a count outlives them.
alter table avis add column texts integer not null default 0;

update avis set texts = (
    select (help_tried_other is not null) + 2 * (malfunctions_other is not null) + 4 * (comment is not null)
    from avis_text where avis_text.avis_id = avis.avis_id
) where exists (select 1 from avis_text where avis_text.avis_id = avis.avis_id);

-- How many commits moved a décompte of the day: what has the same sum over a period has the same averages.
create table day_version (
    day integer primary key,
    version integer not null
) strict;

insert into day_version (day, version) select distinct day, 1 from tally;

-- Collectors that keep a spool of their own: while one has not been seen since a period closed, or holds avis of it,
-- the period stays open.
create table spool (
    spool_id text primary key,
    seen_at_ms integer not null,
    holds_since integer
) strict, without rowid;

-- Up to which entry each spool has been written here, in the same transactions: what makes it exactly once.
create table spool_progress (
    spool_id text primary key,
    seq integer not null
) strict, without rowid;

-- Entries of spools that proved wrong, with the reason; the spool keeps what they said.
create table spool_refusal (
    spool_id text not null,
    seq integer not null,
    reason text not null,
    primary key (spool_id, seq)
) strict, without rowid;
