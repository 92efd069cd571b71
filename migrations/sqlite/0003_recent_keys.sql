-- Idempotency keys of late, a row a commit, each in 44 bytes: the key of the avis (12), its number (8), the fingerprint
-- of the request (16) and when it was accepted (8, milliseconds), numbers with their highest byte first. What a later
-- row says of a key holds, and before what `remembered` says. Rows leave from the front, and the last one never does,
-- so that no number comes twice.
create table recent (
    recent_no integer primary key,
    keys blob not null
) strict;

-- Who does not look here takes an avis that is sent again for a new one.
update compatibility set oldest = 3;
