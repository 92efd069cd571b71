-- Many avis a commit: what makes a batch cheap, a count exact and an upgrade safe.

-- The oldest migration that a binary must know to work on this database. A migration that only adds leaves it, so
-- that binaries of two versions serve side by side; one that takes away raises it, and older binaries refuse.
create table compatibility (
    oldest bigint not null
);

insert into compatibility (oldest) values (2);

-- What was accepted in the last 72 hours, by the key of its avis, which is the same whatever the day: one look finds a
-- replay. A withdrawn avis stays here, so that a late replay does not bring it back. The key is the id with zeros in the
-- place of the day; it and the fingerprint are 16 bytes, which the type uuid holds without a length before them.
create table remembered (
    avis_key uuid primary key,
    avis_id uuid not null,
    fingerprint uuid not null,
    accepted_at_ms bigint not null
);

-- Which open questions were answered, as bits: 1 help_tried_other, 2 malfunctions_other, 4 comment. Counting reads
-- this and not the texts, so that a count outlives them.
alter table avis add column texts smallint not null default 0;

update avis set texts = (avis_text.help_tried_other is not null)::int
    + 2 * (avis_text.malfunctions_other is not null)::int + 4 * (avis_text.comment is not null)::int
from avis_text where avis_text.avis_id = avis.avis_id;

-- How many commits moved a décompte of the day: what has the same sum over a period has the same averages. Each
-- collector has a row of its own, so that none waits for another.
create table day_version (
    day integer not null,
    collector_id bigint not null,
    version bigint not null,
    primary key (day, collector_id)
) with (fillfactor = 50);

insert into day_version (day, collector_id, version) select distinct day, 0, 1 from tally;

-- Spools of collectors that may hold avis which are not here yet: a period closes once each was heard of after it, with
-- nothing of it left.
create table spool (
    spool_id uuid primary key,
    seen_at_ms bigint not null,
    holds_since integer
);

-- Up to which entry of a spool everything is written: in the same commit, so that each is written once.
create table spool_progress (
    spool_id uuid primary key,
    seq bigint not null
);

-- Entries that proved wrong. Their collector keeps them apart, with these reasons.
create table spool_refusal (
    spool_id uuid not null,
    seq bigint not null,
    reason text not null,
    primary key (spool_id, seq)
);
