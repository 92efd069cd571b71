-- What was blanked in avis from before a day because its time was over, a row a portion: for the register of processing,
-- and so that the next purge knows where to begin.
create table purge (
    purge_id bigint generated always as identity primary key,
    -- The day of the purge.
    day integer not null,
    -- texts, pages
    kind text not null,
    -- The day before which nothing of this kind was left.
    before_day integer not null,
    -- Of how many avis.
    avis bigint not null
);

-- What was done stays said.
create function refuse_to_change_purges() returns trigger language plpgsql as $$
begin
    raise exception 'a purge was made: nothing changes or deletes what is said of it'
        using errcode = 'restrict_violation';
end
$$;

create trigger purge_is_said before update or delete or truncate on purge
for each statement execute function refuse_to_change_purges();
