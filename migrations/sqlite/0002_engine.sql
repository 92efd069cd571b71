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

-- Décomptes again, the day in front: a commit of avis about many démarches then writes the few pages of one day, not a
-- page of each démarche.
create table tally_by_day (
    day integer not null,
    demarche_id text not null references demarche,
    bouton_id text not null,
    satisfaction_answered integer not null,
    clarity_answered integer not null,
    ease_answered integer not null,
    help_tried_answered integer not null,
    help_tried_other_answered integer not null,
    help_reached_answered integer not null,
    help_quality_answered integer not null,
    malfunctions_answered integer not null,
    malfunctions_other_answered integer not null,
    comment_answered integer not null,
    satisfaction_pas_bien integer not null,
    satisfaction_moyen integer not null,
    satisfaction_tres_bien integer not null,
    clarity_1 integer not null,
    clarity_2 integer not null,
    clarity_3 integer not null,
    clarity_4 integer not null,
    clarity_5 integer not null,
    ease_1 integer not null,
    ease_2 integer not null,
    ease_3 integer not null,
    ease_4 integer not null,
    ease_5 integer not null,
    help_tried_guichet integer not null,
    help_tried_telephone integer not null,
    help_tried_email integer not null,
    help_tried_chat integer not null,
    help_tried_relative integer not null,
    help_tried_association integer not null,
    help_tried_websites integer not null,
    help_tried_other integer not null,
    help_tried_none integer not null,
    help_reached_guichet_oui integer not null,
    help_reached_guichet_non integer not null,
    help_reached_telephone_oui integer not null,
    help_reached_telephone_non integer not null,
    help_reached_email_oui integer not null,
    help_reached_email_non integer not null,
    help_reached_chat_oui integer not null,
    help_reached_chat_non integer not null,
    help_quality_guichet_tres_mauvaise integer not null,
    help_quality_guichet_mauvaise integer not null,
    help_quality_guichet_moyenne integer not null,
    help_quality_guichet_bonne integer not null,
    help_quality_guichet_excellente integer not null,
    help_quality_telephone_tres_mauvaise integer not null,
    help_quality_telephone_mauvaise integer not null,
    help_quality_telephone_moyenne integer not null,
    help_quality_telephone_bonne integer not null,
    help_quality_telephone_excellente integer not null,
    help_quality_email_tres_mauvaise integer not null,
    help_quality_email_mauvaise integer not null,
    help_quality_email_moyenne integer not null,
    help_quality_email_bonne integer not null,
    help_quality_email_excellente integer not null,
    help_quality_chat_tres_mauvaise integer not null,
    help_quality_chat_mauvaise integer not null,
    help_quality_chat_moyenne integer not null,
    help_quality_chat_bonne integer not null,
    help_quality_chat_excellente integer not null,
    malfunctions_broken integer not null,
    malfunctions_slow integer not null,
    malfunctions_sign_in integer not null,
    malfunctions_document integer not null,
    malfunctions_known_data integer not null,
    malfunctions_device integer not null,
    malfunctions_accessibility integer not null,
    malfunctions_other integer not null,
    malfunctions_none integer not null,
    primary key (day, demarche_id, bouton_id)
) strict, without rowid;

insert into tally_by_day (
    day, demarche_id, bouton_id, satisfaction_answered, clarity_answered, ease_answered, help_tried_answered,
    help_tried_other_answered, help_reached_answered, help_quality_answered, malfunctions_answered,
    malfunctions_other_answered, comment_answered, satisfaction_pas_bien, satisfaction_moyen,
    satisfaction_tres_bien, clarity_1, clarity_2, clarity_3, clarity_4, clarity_5, ease_1, ease_2, ease_3, ease_4,
    ease_5, help_tried_guichet, help_tried_telephone, help_tried_email, help_tried_chat, help_tried_relative,
    help_tried_association, help_tried_websites, help_tried_other, help_tried_none, help_reached_guichet_oui,
    help_reached_guichet_non, help_reached_telephone_oui, help_reached_telephone_non, help_reached_email_oui,
    help_reached_email_non, help_reached_chat_oui, help_reached_chat_non, help_quality_guichet_tres_mauvaise,
    help_quality_guichet_mauvaise, help_quality_guichet_moyenne, help_quality_guichet_bonne,
    help_quality_guichet_excellente, help_quality_telephone_tres_mauvaise, help_quality_telephone_mauvaise,
    help_quality_telephone_moyenne, help_quality_telephone_bonne, help_quality_telephone_excellente,
    help_quality_email_tres_mauvaise, help_quality_email_mauvaise, help_quality_email_moyenne,
    help_quality_email_bonne, help_quality_email_excellente, help_quality_chat_tres_mauvaise,
    help_quality_chat_mauvaise, help_quality_chat_moyenne, help_quality_chat_bonne, help_quality_chat_excellente,
    malfunctions_broken, malfunctions_slow, malfunctions_sign_in, malfunctions_document, malfunctions_known_data,
    malfunctions_device, malfunctions_accessibility, malfunctions_other, malfunctions_none
)
select
    day, demarche_id, bouton_id, satisfaction_answered, clarity_answered, ease_answered, help_tried_answered,
    help_tried_other_answered, help_reached_answered, help_quality_answered, malfunctions_answered,
    malfunctions_other_answered, comment_answered, satisfaction_pas_bien, satisfaction_moyen,
    satisfaction_tres_bien, clarity_1, clarity_2, clarity_3, clarity_4, clarity_5, ease_1, ease_2, ease_3, ease_4,
    ease_5, help_tried_guichet, help_tried_telephone, help_tried_email, help_tried_chat, help_tried_relative,
    help_tried_association, help_tried_websites, help_tried_other, help_tried_none, help_reached_guichet_oui,
    help_reached_guichet_non, help_reached_telephone_oui, help_reached_telephone_non, help_reached_email_oui,
    help_reached_email_non, help_reached_chat_oui, help_reached_chat_non, help_quality_guichet_tres_mauvaise,
    help_quality_guichet_mauvaise, help_quality_guichet_moyenne, help_quality_guichet_bonne,
    help_quality_guichet_excellente, help_quality_telephone_tres_mauvaise, help_quality_telephone_mauvaise,
    help_quality_telephone_moyenne, help_quality_telephone_bonne, help_quality_telephone_excellente,
    help_quality_email_tres_mauvaise, help_quality_email_mauvaise, help_quality_email_moyenne,
    help_quality_email_bonne, help_quality_email_excellente, help_quality_chat_tres_mauvaise,
    help_quality_chat_mauvaise, help_quality_chat_moyenne, help_quality_chat_bonne, help_quality_chat_excellente,
    malfunctions_broken, malfunctions_slow, malfunctions_sign_in, malfunctions_document, malfunctions_known_data,
    malfunctions_device, malfunctions_accessibility, malfunctions_other, malfunctions_none
from tally;

drop table tally;
alter table tally_by_day rename to tally;

create table tally_month_by_month (
    month integer not null,
    demarche_id text not null references demarche,
    bouton_id text not null,
    satisfaction_answered integer not null,
    clarity_answered integer not null,
    ease_answered integer not null,
    help_tried_answered integer not null,
    help_tried_other_answered integer not null,
    help_reached_answered integer not null,
    help_quality_answered integer not null,
    malfunctions_answered integer not null,
    malfunctions_other_answered integer not null,
    comment_answered integer not null,
    satisfaction_pas_bien integer not null,
    satisfaction_moyen integer not null,
    satisfaction_tres_bien integer not null,
    clarity_1 integer not null,
    clarity_2 integer not null,
    clarity_3 integer not null,
    clarity_4 integer not null,
    clarity_5 integer not null,
    ease_1 integer not null,
    ease_2 integer not null,
    ease_3 integer not null,
    ease_4 integer not null,
    ease_5 integer not null,
    help_tried_guichet integer not null,
    help_tried_telephone integer not null,
    help_tried_email integer not null,
    help_tried_chat integer not null,
    help_tried_relative integer not null,
    help_tried_association integer not null,
    help_tried_websites integer not null,
    help_tried_other integer not null,
    help_tried_none integer not null,
    help_reached_guichet_oui integer not null,
    help_reached_guichet_non integer not null,
    help_reached_telephone_oui integer not null,
    help_reached_telephone_non integer not null,
    help_reached_email_oui integer not null,
    help_reached_email_non integer not null,
    help_reached_chat_oui integer not null,
    help_reached_chat_non integer not null,
    help_quality_guichet_tres_mauvaise integer not null,
    help_quality_guichet_mauvaise integer not null,
    help_quality_guichet_moyenne integer not null,
    help_quality_guichet_bonne integer not null,
    help_quality_guichet_excellente integer not null,
    help_quality_telephone_tres_mauvaise integer not null,
    help_quality_telephone_mauvaise integer not null,
    help_quality_telephone_moyenne integer not null,
    help_quality_telephone_bonne integer not null,
    help_quality_telephone_excellente integer not null,
    help_quality_email_tres_mauvaise integer not null,
    help_quality_email_mauvaise integer not null,
    help_quality_email_moyenne integer not null,
    help_quality_email_bonne integer not null,
    help_quality_email_excellente integer not null,
    help_quality_chat_tres_mauvaise integer not null,
    help_quality_chat_mauvaise integer not null,
    help_quality_chat_moyenne integer not null,
    help_quality_chat_bonne integer not null,
    help_quality_chat_excellente integer not null,
    malfunctions_broken integer not null,
    malfunctions_slow integer not null,
    malfunctions_sign_in integer not null,
    malfunctions_document integer not null,
    malfunctions_known_data integer not null,
    malfunctions_device integer not null,
    malfunctions_accessibility integer not null,
    malfunctions_other integer not null,
    malfunctions_none integer not null,
    primary key (month, demarche_id, bouton_id)
) strict, without rowid;

insert into tally_month_by_month (
    month, demarche_id, bouton_id, satisfaction_answered, clarity_answered, ease_answered, help_tried_answered,
    help_tried_other_answered, help_reached_answered, help_quality_answered, malfunctions_answered,
    malfunctions_other_answered, comment_answered, satisfaction_pas_bien, satisfaction_moyen,
    satisfaction_tres_bien, clarity_1, clarity_2, clarity_3, clarity_4, clarity_5, ease_1, ease_2, ease_3, ease_4,
    ease_5, help_tried_guichet, help_tried_telephone, help_tried_email, help_tried_chat, help_tried_relative,
    help_tried_association, help_tried_websites, help_tried_other, help_tried_none, help_reached_guichet_oui,
    help_reached_guichet_non, help_reached_telephone_oui, help_reached_telephone_non, help_reached_email_oui,
    help_reached_email_non, help_reached_chat_oui, help_reached_chat_non, help_quality_guichet_tres_mauvaise,
    help_quality_guichet_mauvaise, help_quality_guichet_moyenne, help_quality_guichet_bonne,
    help_quality_guichet_excellente, help_quality_telephone_tres_mauvaise, help_quality_telephone_mauvaise,
    help_quality_telephone_moyenne, help_quality_telephone_bonne, help_quality_telephone_excellente,
    help_quality_email_tres_mauvaise, help_quality_email_mauvaise, help_quality_email_moyenne,
    help_quality_email_bonne, help_quality_email_excellente, help_quality_chat_tres_mauvaise,
    help_quality_chat_mauvaise, help_quality_chat_moyenne, help_quality_chat_bonne, help_quality_chat_excellente,
    malfunctions_broken, malfunctions_slow, malfunctions_sign_in, malfunctions_document, malfunctions_known_data,
    malfunctions_device, malfunctions_accessibility, malfunctions_other, malfunctions_none
)
select
    month, demarche_id, bouton_id, satisfaction_answered, clarity_answered, ease_answered, help_tried_answered,
    help_tried_other_answered, help_reached_answered, help_quality_answered, malfunctions_answered,
    malfunctions_other_answered, comment_answered, satisfaction_pas_bien, satisfaction_moyen,
    satisfaction_tres_bien, clarity_1, clarity_2, clarity_3, clarity_4, clarity_5, ease_1, ease_2, ease_3, ease_4,
    ease_5, help_tried_guichet, help_tried_telephone, help_tried_email, help_tried_chat, help_tried_relative,
    help_tried_association, help_tried_websites, help_tried_other, help_tried_none, help_reached_guichet_oui,
    help_reached_guichet_non, help_reached_telephone_oui, help_reached_telephone_non, help_reached_email_oui,
    help_reached_email_non, help_reached_chat_oui, help_reached_chat_non, help_quality_guichet_tres_mauvaise,
    help_quality_guichet_mauvaise, help_quality_guichet_moyenne, help_quality_guichet_bonne,
    help_quality_guichet_excellente, help_quality_telephone_tres_mauvaise, help_quality_telephone_mauvaise,
    help_quality_telephone_moyenne, help_quality_telephone_bonne, help_quality_telephone_excellente,
    help_quality_email_tres_mauvaise, help_quality_email_mauvaise, help_quality_email_moyenne,
    help_quality_email_bonne, help_quality_email_excellente, help_quality_chat_tres_mauvaise,
    help_quality_chat_mauvaise, help_quality_chat_moyenne, help_quality_chat_bonne, help_quality_chat_excellente,
    malfunctions_broken, malfunctions_slow, malfunctions_sign_in, malfunctions_document, malfunctions_known_data,
    malfunctions_device, malfunctions_accessibility, malfunctions_other, malfunctions_none
from tally_month;

drop table tally_month;
alter table tally_month_by_month rename to tally_month;

-- What commits moved and the décomptes above do not hold yet, a row a commit: JSON, each décompte as day, démarche,
-- bouton and the cells that move, by their place among all and by how much. Who reads décomptes adds these.
create table moved (
    moved_no integer primary key,
    tallies text not null
) strict;

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
