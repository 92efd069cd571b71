-- The files that pages out there load at an address that holds their digest: every version that was ever served, so
-- that a page that pinned one finds it at every collector.
create table asset (
    -- What follows /v1/ in the address.
    name text primary key,
    media_type text not null,
    -- Of the content, decoded.
    sha384 blob not null,
    -- In bytes, decoded.
    size integer not null,
    -- Coded with brotli.
    content blob not null,
    first_served_day integer not null,
    revoked integer not null default 0
) strict;

-- By their digest files are revoked, whatever their names.
create index asset_sha384 on asset (sha384);

-- A file is what it was when it was first served; it may be revoked, and restored. `insert or replace` deletes without
-- asking the triggers for that, so what is there is not inserted either.
create trigger asset_is_immutable
before update of name, media_type, sha384, size, content, first_served_day on asset
begin select raise(abort, 'an asset is immutable: nothing changes it'); end;
create trigger asset_stays before delete on asset
begin select raise(abort, 'an asset is immutable: nothing deletes it'); end;
create trigger asset_is_first_served_once before insert on asset
when exists (select 1 from asset where name = new.name)
begin select raise(abort, 'an asset is immutable: nothing replaces it'); end;
