-- How long a server asked to wait outlives the boot whose clock measured it.
ALTER TABLE messages ADD COLUMN wait REAL;
