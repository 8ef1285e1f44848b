-- The same content under an older mapping goes out when the new one comes in:
-- both together would count everything twice. Its rows stay, so that going back
-- to the older mapping is quick.
UPDATE staging.loads o
SET state = 'undone', replaced_by = n.id
FROM staging.loads n
WHERE n.id = $1 AND o.source = n.source AND o.sha256 = n.sha256 AND o.id <> n.id AND o.state = 'loaded'
RETURNING o.id, o.name
