-- Who drives a run, and which runs belong together. Immutable: a change is a new file with the next number.

-- The run that nobody called, to which the calls that led to this one go back; NULL: nobody called this one. A run and
-- those that it called are driven by one process, and are pruned together.
ALTER TABLE runs ADD COLUMN root INTEGER REFERENCES runs (run);

-- Who drives the run: the name of a file in the folder `locks` beside the journal, which is locked as long as that process
-- lives. It stands at the run that nobody called, for all that it called. NULL: nobody.
ALTER TABLE runs ADD COLUMN owner TEXT;

CREATE INDEX runs_by_root ON runs (root) WHERE root IS NOT NULL;

WITH RECURSIVE called (run, caller) AS (
    SELECT e.run, c.run
    FROM events e
    JOIN runs c ON c.run_id = json_extract(e.payload, '$.parent.run')
    WHERE e.kind = 'run_started' AND e.seq = 1
), up (run, at) AS (
    SELECT run, caller FROM called
    UNION ALL
    SELECT up.run, called.caller FROM up JOIN called ON called.run = up.at
)
UPDATE runs
SET root = (SELECT up.at FROM up WHERE up.run = runs.run AND up.at NOT IN (SELECT run FROM called))
WHERE run IN (SELECT run FROM called);
