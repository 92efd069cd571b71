-- Nothing: here keys are written by many collectors at once, each to its place.
select 1;
