-- What was blanked in avis from before a day because its time was over, a row a portion: for the register of processing,
-- and so that the next purge knows where to begin.
create table purge (
    purge_id integer primary key,
    -- The day of the purge.
    day integer not null,
    -- texts, pages
    kind text not null,
    -- The day before which nothing of this kind was left.
    before_day integer not null,
    -- Of how many avis.
    avis integer not null
) strict;

-- What was done stays said. `insert or replace` deletes without asking the triggers for that.
create trigger purge_is_said before update on purge
begin select raise(abort, 'a purge was made: nothing changes what is said of it'); end;
create trigger purge_stays before delete on purge
begin select raise(abort, 'a purge was made: nothing deletes what is said of it'); end;
create trigger purge_is_said_once before insert on purge
when exists (select 1 from purge where purge_id = new.purge_id)
begin select raise(abort, 'a purge was made: nothing replaces what is said of it'); end;
