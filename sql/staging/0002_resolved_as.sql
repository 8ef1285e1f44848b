-- Which record of the mended load stands for a reject: the one that may have been
-- refused again. Rejects that were mended before this column was there have none.
ALTER TABLE staging.rejects ADD COLUMN resolved_as bigint;
