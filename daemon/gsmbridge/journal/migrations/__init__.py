"""Steps from each schema of the journal to the next: `0002.sql` leads from 1 to 2, and so on.

A change of `schema.sql` raises `database.VERSION` and adds the step that does the same to journals
that exist. A step is plain SQL without BEGIN and COMMIT: `migration` runs it in its transaction.
A column that is new has a default, so that what can be saved of a broken older journal fits in.
"""
