-- The files that pages out there load at an address that holds their digest: every version that was ever served, so
-- that a page that pinned one finds it at every collector.
create table asset (
    -- What follows /v1/ in the address.
    name text primary key,
    media_type text not null,
    -- Of the content, decoded.
    sha384 bytea not null,
    -- In bytes, decoded.
    size bigint not null,
    -- Coded with brotli.
    content bytea not null,
    first_served_day integer not null,
    revoked boolean not null default false
);

-- By their digest files are revoked, whatever their names.
create index asset_sha384 on asset (sha384);

-- A file is what it was when it was first served; it may be revoked, and restored.
create function refuse_to_change_assets() returns trigger language plpgsql as $$
begin
    raise exception 'assets are immutable: nothing changes or deletes them' using errcode = 'restrict_violation';
end
$$;

create trigger asset_is_immutable
before update of name, media_type, sha384, size, content, first_served_day or delete or truncate on asset
for each statement execute function refuse_to_change_assets();
