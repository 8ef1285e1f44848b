-- (staging) $1 = a load, $2 = the key of its raw file, empty when it is gone for good.
UPDATE staging.loads SET raw_key = $2 WHERE id = $1
