-- How long a server asked to wait outlives the boot whose clock measured it.
ALTER TABLE messages ADD COLUMN wait REAL;

-- A PIN whose answer is not known is told from a refused one; of older ones that is not known either.
UPDATE pins SET accepted = -1 WHERE accepted = 0;
