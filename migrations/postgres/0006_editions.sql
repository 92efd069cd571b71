-- Quarters, frozen: what was published of each, as bytes.
create table edition (
    -- 2026-T3
    edition_id text primary key,
    frozen_at_ms bigint not null,
    formula text not null
);

-- An edition in one of its formats. The digest is the SHA-256 of the content.
create table edition_file (
    edition_id text not null references edition,
    format text not null,
    sha256 bytea not null,
    content bytea not null,
    primary key (edition_id, format)
);

-- What turned out to be wrong with an edition: said beside it.
create table erratum (
    erratum_id bigint generated always as identity primary key,
    edition_id text not null references edition,
    added_at_ms bigint not null,
    body text not null
);

-- Nothing ever changes an edition, nor what was said of it.
create function refuse_to_change_editions() returns trigger language plpgsql as $$
begin
    raise exception 'editions are frozen: nothing changes, deletes or replaces what is in %', tg_table_name
        using errcode = 'restrict_violation';
end
$$;

create trigger edition_is_frozen before update or delete or truncate on edition
for each statement execute function refuse_to_change_editions();
create trigger edition_file_is_frozen before update or delete or truncate on edition_file
for each statement execute function refuse_to_change_editions();
create trigger erratum_is_frozen before update or delete or truncate on erratum
for each statement execute function refuse_to_change_editions();
