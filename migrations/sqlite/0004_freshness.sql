-- How fresh the décomptes of a day are, in milliseconds: when they moved last, by the clock of the database, and when the
-- last avis that they count was accepted. 0 where it is not known: of what was there before.
alter table day_version add column moved_at_ms integer not null default 0;
alter table day_version add column last_avis_ms integer not null default 0;
