-- Many avis a commit: what makes a batch cheap, a count exact and an upgrade safe.

-- The oldest migration that a binary must know to work on this database. A migration that only adds leaves it, so
-- that binaries of two versions serve side by side; one that takes away raises it, and older binaries refuse.
create table compatibility (
    oldest integer not null
) strict;

insert into compatibility (oldest) values (2);

-- Avis again, in the order in which they came, so that each goes behind the one before it whatever their number: an
-- index over random ids costs a page of its own for nearly every avis. The upper 32 bits of a number are the day
-- (20261122), the lower ones count within it. The id is the day and the key.
-- Choices are numbered from 1 in the order of the questionnaire; ticks are bits, the first choice being bit 0.
-- help_reached holds two bits a channel (1 oui, 2 non), help_quality three (1 to 5), the first channel lowest. texts
-- tells which open questions were answered (1 help_tried_other, 2 malfunctions_other, 4 comment): counting reads this
-- and not the texts, so that a count outlives them.
create table numbered_avis (
    avis_no integer primary key,
    avis_key blob not null,
    demarche_id text not null references demarche,
    bouton_id text references bouton,
    language text,
    page_id integer references page,
    satisfaction integer not null,
    clarity integer,
    ease integer,
    help_tried integer not null,
    help_reached integer not null,
    help_quality integer not null,
    malfunctions integer not null,
    texts integer not null
) strict;

insert into numbered_avis
select (day << 32) + row_number() over (partition by day order by avis_id), substr(avis_id, 5), demarche_id, bouton_id,
    language, page_id, satisfaction, clarity, ease, help_tried, help_reached, help_quality, malfunctions,
    ifnull((help_tried_other is not null) + 2 * (malfunctions_other is not null) + 4 * (comment is not null), 0)
from avis left join avis_text using (avis_id);

-- What people wrote, apart: long, rare, read seldom, and blanked long before the counted answers go.
create table numbered_avis_text (
    avis_no integer primary key references numbered_avis,
    help_tried_other text,
    malfunctions_other text,
    comment text
) strict;

insert into numbered_avis_text
select avis_no, help_tried_other, malfunctions_other, comment
from avis join avis_text using (avis_id)
join numbered_avis on numbered_avis.avis_no >> 32 = avis.day and numbered_avis.avis_key = substr(avis.avis_id, 5);

drop table avis_text;
drop table avis;
alter table numbered_avis rename to avis;
alter table numbered_avis_text rename to avis_text;

-- What was accepted in the last 72 hours, by the key of its avis, which is the same whatever the day: one look finds
-- a replay, and the number of an avis that is to be changed. A withdrawn avis stays here, so that a late replay does
-- not bring it back.
create table remembered (
    avis_key blob primary key,
    avis_no integer not null,
    fingerprint blob not null,
    accepted_at_ms integer not null
) strict, without rowid;

drop table idempotency;

-- How many commits moved a décompte of the day: what has the same sum over a period has the same averages.
create table day_version (
    day integer primary key,
    version integer not null
) strict;

insert into day_version (day, version) select distinct day, 1 from tally;
