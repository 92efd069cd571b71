-- Quarters, frozen: what was published of each, as bytes.
create table edition (
    -- 2026-T3
    edition_id text primary key,
    frozen_at_ms integer not null,
    formula text not null
) strict;

-- An edition in one of its formats. The digest is the SHA-256 of the content.
create table edition_file (
    edition_id text not null references edition,
    format text not null,
    sha256 blob not null,
    content blob not null,
    primary key (edition_id, format)
) strict;

-- What turned out to be wrong with an edition: said beside it.
create table erratum (
    erratum_id integer primary key,
    edition_id text not null references edition,
    added_at_ms integer not null,
    body text not null
) strict;

-- Nothing ever changes an edition, nor what was said of it. `insert or replace` deletes without asking the triggers for
-- that, so what is there is not inserted either.
create trigger edition_is_frozen before update on edition
begin select raise(abort, 'an edition is frozen: nothing changes it'); end;
create trigger edition_stays before delete on edition
begin select raise(abort, 'an edition is frozen: nothing deletes it'); end;
create trigger edition_is_frozen_once before insert on edition
when exists (select 1 from edition where edition_id = new.edition_id)
begin select raise(abort, 'an edition is frozen: nothing replaces it'); end;

create trigger edition_file_is_frozen before update on edition_file
begin select raise(abort, 'an edition is frozen: nothing changes it'); end;
create trigger edition_file_stays before delete on edition_file
begin select raise(abort, 'an edition is frozen: nothing deletes it'); end;
create trigger edition_file_is_frozen_once before insert on edition_file
when exists (select 1 from edition_file where edition_id = new.edition_id and format = new.format)
begin select raise(abort, 'an edition is frozen: nothing replaces it'); end;

create trigger erratum_is_frozen before update on erratum
begin select raise(abort, 'an erratum is published: nothing changes it'); end;
create trigger erratum_stays before delete on erratum
begin select raise(abort, 'an erratum is published: nothing deletes it'); end;
create trigger erratum_is_published_once before insert on erratum
when exists (select 1 from erratum where erratum_id = new.erratum_id)
begin select raise(abort, 'an erratum is published: nothing replaces it'); end;
