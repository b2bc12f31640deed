-- How far schedules are. Immutable: a change is a new file with the next number.

-- A schedule that is served has a row, also one that has not fired yet: what it missed while nobody was there is counted
-- from `until_ms` on. That no time begins two runs does not hang on this, but on `deliveries`.
CREATE TABLE schedules (
    source   TEXT    NOT NULL PRIMARY KEY,             -- as in `deliveries`: `schedule sweep 0 3 * * * Europe/Paris …`
    until_ms INTEGER NOT NULL,                         -- its times up to this one are dealt with
    waiting  TEXT    NOT NULL CHECK (json_valid(waiting)) -- JSON: times in ms whose runs wait for the one before to end
) STRICT, WITHOUT ROWID;

-- Which of the runs that are under way a schedule has begun.
CREATE INDEX deliveries_by_run ON deliveries (run_id);
