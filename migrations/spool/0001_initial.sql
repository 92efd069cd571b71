-- The spool of a collector: what it accepted while the database was away.

create table identity (
    one integer primary key check (one = 1),
    spool_id text not null
) strict;

-- Numbers are never given again (autoincrement): the database remembers up to which it has them.
create table spooled (
    seq integer primary key autoincrement,
    -- The avis that the entry is about.
    avis_id blob not null,
    -- By what its idempotency key is remembered; only of new avis.
    avis_key blob,
    -- The Paris day on which the entry moves décomptes; none for a withdrawal, which may come at any time.
    day integer,
    -- The write in the codes of the public API, as JSON.
    write text not null
) strict;

create index spooled_avis on spooled (avis_id);
create index spooled_key on spooled (avis_key) where avis_key is not null;
create index spooled_day on spooled (day) where day is not null;

-- What the database refused, with the reason: for a person to look at.
create table kept_apart (
    seq integer primary key,
    write text not null,
    reason text not null,
    at_ms integer not null
) strict;
