-- Avis that are stored and not counted. Null for those that count; else the reasons as bits, in the order of the code
-- (1 honeypot, 2 token_copied, 4 foreign_origin, 8 network_share, 16 unvouched_surge), and 16384 once a person
-- has confirmed that it belongs there.
alter table avis add column quarantine integer;

create index avis_quarantine on avis (avis_no) where quarantine is not null;

-- How many avis of the décompte are in quarantine; they are in none of its other counts.
alter table tally add column quarantined integer not null default 0;
alter table tally_month add column quarantined integer not null default 0;

-- What was done to stored avis by hand or by rule: when, what, and to how many, as JSON. Nothing about who gave them,
-- and not a word of what they say.
create table journal (
    journal_id integer primary key,
    done_at_ms integer not null,
    act text not null,
    detail text not null
) strict;

-- It only grows. `insert or replace` deletes without asking the trigger for that, so what is there is not inserted either.
create trigger journal_is_kept before update on journal
begin select raise(abort, 'the journal is kept: nothing changes it'); end;
create trigger journal_stays before delete on journal
begin select raise(abort, 'the journal is kept: nothing deletes it'); end;
create trigger journal_is_written_once before insert on journal
when exists (select 1 from journal where journal_id = new.journal_id)
begin select raise(abort, 'the journal is kept: nothing replaces it'); end;

-- Who does not look here counts avis that are not to count, and takes from décomptes what is not in them.
update compatibility set oldest = 7;
