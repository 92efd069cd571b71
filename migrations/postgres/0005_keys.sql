-- The last day on which a key opens anything; none for one without an end, as those made before this are.
alter table api_key add column expires_day integer;

-- The last day on which a key was used, as collectors report it now and then: apart from the version of the catalogue,
-- which does not change by being used.
alter table api_key add column last_used_day integer;
