-- What a host keeps beside the events of its runs. Immutable: a change is a new file with the next number.

-- What has been delivered from outside and began a run, so that it begins none when it comes again. A delivery outlives
-- its run where that is pruned earlier: the event must not act a second time then either.
CREATE TABLE deliveries (
    source   TEXT    NOT NULL,                         -- whose keys these are: `webhook defender-alert contain-device`
    key      TEXT    NOT NULL,                         -- `\` stands as `\\` and NUL as `\0`
    run_id   TEXT    NOT NULL,                         -- the run that it began
    at_ms    INTEGER NOT NULL,                         -- when that run began
    until_ms INTEGER NOT NULL,                         -- not needed any more after this moment
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_by_until ON deliveries (until_ms);

-- What runs that have left memory wait for. A note is valid only as long as the run and those that it called have as many
-- events together as they had when it was made; without a valid one a run is loaded to find out.
CREATE TABLE parked (
    run    INTEGER NOT NULL PRIMARY KEY REFERENCES runs (run) ON DELETE CASCADE,
    events INTEGER NOT NULL CHECK (events >= 1),
    waits  TEXT    NOT NULL                            -- JSON
) STRICT;

CREATE TRIGGER parked_until_the_end AFTER UPDATE OF status ON runs WHEN new.status <> 'running'
BEGIN
    DELETE FROM parked WHERE run = new.run;
END;

-- Orders that no run is to begin until they are lifted. One with `cancel` also ends those that have begun, the runs up to
-- `last_run`: those of them that are still under way after it was lifted too, because a crash may have come between.
CREATE TABLE stops (
    stop      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    playbook  TEXT,                                    -- NULL: all
    cancel    INTEGER NOT NULL CHECK (cancel IN (0, 1)),
    by        TEXT    NOT NULL,                        -- who, and why
    at_ms     INTEGER NOT NULL,
    lifted_ms INTEGER,
    last_run  INTEGER NOT NULL                         -- the highest number of a run then; no run gets it again
) STRICT;

-- Stops up to this one are not for this run: it was retried after them.
ALTER TABLE runs ADD COLUMN past_stops INTEGER NOT NULL DEFAULT 0;

-- The runs that a process has to drive, and those of a listing, without looking at any other. The number of a run stands at
-- the end of every entry of an index.
CREATE INDEX runs_to_drive ON runs (owner) WHERE status = 'running' AND root IS NULL;
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_playbook ON runs (playbook, status);
-- What may be pruned, in the order in which it ended, and which playbooks no run needs.
CREATE INDEX runs_by_end ON runs (finished_ms) WHERE root IS NULL AND finished_ms IS NOT NULL;
CREATE INDEX runs_by_source ON runs (source_hash);
DROP INDEX runs_unfinished;
