-- What a row of `runs` says of its run's events, and which runs are under way. Immutable: a change is a new file with the next
-- number.

-- The event by which the run stands as `status` says: `run_started`, `run_finished` or `run_retried`. It was the last event,
-- whatever that was, so that each event changed the row; the last one stands in the index `events_by_run`. Of a run that is
-- over it is the same. (A run without events is damaged, and is left as it is.)
ALTER TABLE runs RENAME COLUMN last_seq TO turned_seq;

UPDATE runs
SET turned_seq = coalesce((SELECT max(e.seq) FROM events e
                           WHERE e.run = runs.run AND e.kind IN ('run_started', 'run_retried')), turned_seq)
WHERE status = 'running';

-- All that is under way, in the order of beginning, with whose it is: one index for driving, for taking over and for listing,
-- where there were two. What is over is listed by the other, which a beginning does not touch.
DROP INDEX runs_to_drive;
CREATE INDEX runs_under_way ON runs (run, owner, root) WHERE status = 'running';
DROP INDEX runs_by_status;
CREATE INDEX runs_by_status ON runs (status) WHERE status <> 'running';
