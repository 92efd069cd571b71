-- Everything a collector keeps. Days are numbers that read as dates (20260930), months likewise (202609).

create table demarche (
    demarche_id text primary key,
    title text not null,
    administration text not null,
    ministry text,
    -- Codes, separated by spaces.
    audience text not null,
    essential integer not null default 0,
    closed integer not null default 0
) strict, without rowid;

create table demarche_alias (
    alias text primary key,
    demarche_id text not null references demarche
) strict, without rowid;

create table bouton (
    bouton_id text primary key,
    demarche_id text not null references demarche,
    label text,
    channel text not null,
    closed integer not null default 0
) strict, without rowid;

-- An alias is known within its démarche: the buttons of many are all called «button».
create table bouton_alias (
    demarche_id text not null references demarche,
    alias text not null,
    bouton_id text not null references bouton,
    primary key (demarche_id, alias)
) strict, without rowid;

create table bouton_origin (
    bouton_id text not null references bouton,
    origin text not null,
    primary key (bouton_id, origin)
) strict, without rowid;

-- Keys of programs: the digest alone, so that a stolen database opens nothing.
create table api_key (
    api_key_id integer primary key,
    digest blob not null unique,
    scope text not null,
    demarche_id text references demarche,
    created_day integer not null,
    revoked integer not null default 0
) strict;

-- One row, one higher whenever anything above changes: collectors renew their copies by it.
create table catalogue_version (
    version integer not null
) strict;

insert into catalogue_version (version) values (1);

-- What ids, receipts and tokens are made with. Here so that backups and all collectors share it.
create table secret (
    secret_id integer primary key,
    secret_key blob not null,
    created_day integer not null
) strict;

-- Pages avis came from: few, long and repeated, so each is kept once.
create table page (
    page_id integer primary key,
    origin text not null,
    path text not null,
    unique (origin, path)
) strict;

-- Avis, by an id that begins with their day, so that a new one goes where the index is warm.
-- Choices are numbered from 1 in the order of the questionnaire; ticks are bits, the first choice being bit 0.
-- help_reached holds two bits a channel (1 oui, 2 non), help_quality three (1 to 5), the first channel lowest.
create table avis (
    avis_id blob primary key,
    demarche_id text not null references demarche,
    bouton_id text references bouton,
    day integer not null,
    language text,
    page_id integer references page,
    satisfaction integer not null,
    clarity integer,
    ease integer,
    help_tried integer not null,
    help_reached integer not null,
    help_quality integer not null,
    malfunctions integer not null
) strict, without rowid;

-- What people wrote, apart: long, rare, read seldom, and blanked long before the counted answers go.
create table avis_text (
    avis_id blob primary key references avis,
    help_tried_other text,
    malfunctions_other text,
    comment text
) strict, without rowid;

-- What was accepted in the last 72 hours: the id is made from the idempotency key, which is not kept itself.
-- A withdrawn avis stays here, so that a late replay does not bring it back.
create table idempotency (
    avis_id blob primary key,
    fingerprint blob not null,
    accepted_at_ms integer not null
) strict, without rowid;

-- Décomptes: one row a démarche, bouton ('' for none) and Paris day, one column a choice of the questionnaire.
-- Averages are computed from these and from nothing else.
create table tally (
    demarche_id text not null references demarche,
    day integer not null,
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
    primary key (demarche_id, day, bouton_id)
) strict, without rowid;

-- The same by month, so that a year is twelve rows whatever its days.
create table tally_month (
    demarche_id text not null references demarche,
    month integer not null,
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
    primary key (demarche_id, month, bouton_id)
) strict, without rowid;
