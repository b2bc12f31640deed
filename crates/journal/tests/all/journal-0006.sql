-- A journal of the schema 0006, with a run that was left before its end. The runs are those of the schema 0005, and their payloads
-- were cut by hand to what the riposte of schema 6 writes. Never changed.
PRAGMA application_id = 1380536403;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'journal','2026-11-27 22:39:57',1,X'bed5e0d504f7ad13e3bdb7e5964d626bece3575073e06509d3de8e4c62dcdae60ca82ecf85c6e7a52cf3dad6d9fdaf95',2659708);
INSERT INTO _sqlx_migrations VALUES(2,'owners','2026-11-27 22:39:57',1,X'10b630770088e3ce66a1bc128c0081eb6724d5ef3809abc9fab5b9f5edde08bff1db62f1b1f3865873842a250446653f',3209720);
INSERT INTO _sqlx_migrations VALUES(3,'retries','2026-11-27 22:39:57',1,X'3c235e85ab1a5f594eb641971f1aff5027661fcf77a9438374f94562e388f71f17bc74c3a6d5e032b03a6950c9ce77df',1223305);
INSERT INTO _sqlx_migrations VALUES(4,'host','2026-11-27 22:39:57',1,X'b8857a0421b566421f1b089514a879b7ec7856eb6d0336b2f59ae7f086f93000b46fd9d714d1ce55537bc1990491c27d',5775255);
INSERT INTO _sqlx_migrations VALUES(5,'schedules','2026-11-27 22:39:57',1,X'86e1400032da318492967994ac92d92e8d228187f439d270e99dfc98111941a3a5dca9efcd3a33bf349df19cc939871d',1074513);
INSERT INTO _sqlx_migrations VALUES(6,'payloads','2026-11-28 01:27:55',1,X'f35fa1f9c1f75956924ba5ee066340342a829092c762866e4d5a376238fe2c91e1d01c91d7b671e7e0f71c208ed68ec6',5338909);
CREATE TABLE playbooks (
    hash          TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    source        TEXT    NOT NULL,
    first_used_ms INTEGER NOT NULL
) STRICT;
INSERT INTO playbooks VALUES('96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46',replace('name: outer\nsteps:\n  - { id: inside, call: inner, with: { text: hello } }\n  - { id: pause, wait: 1ms }\noutputs:\n  said: "${{ steps.inside.output.said }}"\n','\n',char(10)),1795819197169);
INSERT INTO playbooks VALUES('c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c',replace('name: inner\ninputs:\n  text: { type: string }\nsteps:\n  - { id: said, set: { text: "${{ inputs.text }}" } }\noutputs:\n  said: "${{ steps.said.output.text }}"\n','\n',char(10)),1795819197174);
INSERT INTO playbooks VALUES('fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f',replace('name: contain\nsteps:\n  - { id: device, action: defender.get_machine, with: { machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07 } }\n  - { id: isolate, action: defender.isolate_machine, with: { machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07, comment: Contained. } }\n','\n',char(10)),1795819197505);
INSERT INTO playbooks VALUES('38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964',replace('name: long-wait\nsteps:\n  - { id: pause, wait: 1h }\n','\n',char(10)),1795819199395);
INSERT INTO playbooks VALUES('fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809',replace('name: fails\nsteps:\n  - { id: why, fail: Too many devices. }\n','\n',char(10)),1795819200895);
CREATE TABLE runs (
    run         INTEGER NOT NULL PRIMARY KEY,          -- short key for `events`
    run_id      TEXT    NOT NULL UNIQUE,               -- run_ and 32 hexadecimal digits of a UUIDv7
    playbook    TEXT    NOT NULL,
    source_hash TEXT    NOT NULL REFERENCES playbooks (hash),
    trigger     TEXT    NOT NULL,                      -- kind and name: `webhook defender-alert`
    status      TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
    started_ms  INTEGER NOT NULL,
    finished_ms INTEGER,
    last_seq    INTEGER NOT NULL CHECK (last_seq >= 1), root INTEGER REFERENCES runs (run), owner TEXT, past_stops INTEGER NOT NULL DEFAULT 0,
    CHECK ((status = 'running') = (finished_ms IS NULL))
) STRICT;
INSERT INTO runs VALUES(1,'run_01a21f2a52f175049535717c77939241','outer','96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46','manual riposte run','succeeded',1795819197169,1795819197188,6,NULL,'c8c634200091436d829fb7ad82d745f6',0);
INSERT INTO runs VALUES(2,'run_01a21f2a52f67bbaa0f10b3c3b0a97ac','inner','c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c','call outer','succeeded',1795819197174,1795819197180,3,1,NULL,0);
INSERT INTO runs VALUES(3,'run_01a21f2a54417d5ab3d45e1aef3d8bc0','contain','fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f','manual riposte run','succeeded',1795819197505,1795819199088,6,NULL,'b5297f79477f4d338269ac59231789a7',0);
INSERT INTO runs VALUES(4,'run_01a21f2a5ba3710e8e5dcea64056195f','long-wait','38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964','manual riposte run','running',1795819199395,NULL,2,NULL,'d0a9b30ee197440094dcd0c5f03ad876',0);
INSERT INTO runs VALUES(5,'run_01a21f2a617f73d4b9e8b5804409f997','fails','fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809','manual riposte run','failed',1795819200895,1795819200902,3,NULL,'afc5d3b43c2d49969b64d3d80f2f20ce',0);
CREATE TABLE events (
    lsn     INTEGER NOT NULL PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (run),
    seq     INTEGER NOT NULL CHECK (seq >= 1),
    at_ms   INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    step    TEXT,
    payload ANY     NOT NULL                           -- JSON text
) STRICT;
INSERT INTO events VALUES(1,1,1,1795819197169,'run_started',NULL,'{"playbook":"outer","source":"96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO events VALUES(2,1,2,1795819197174,'child_started','inside','{"run":"run_01a21f2a52f67bbaa0f10b3c3b0a97ac"}');
INSERT INTO events VALUES(3,2,1,1795819197174,'run_started',NULL,'{"playbook":"inner","source":"c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c","inputs":{"text":"hello"},"trigger":{"kind":"call","name":"outer","body":{"run":"run_01a21f2a52f175049535717c77939241","step":"inside"}},"parent":{"run":"run_01a21f2a52f175049535717c77939241","step":"inside","depth":1}}');
INSERT INTO events VALUES(4,2,2,1795819197180,'step_succeeded','said','{"output":{"text":"hello"}}');
INSERT INTO events VALUES(5,2,3,1795819197180,'run_finished',NULL,'{"status":"succeeded","outputs":{"said":"hello"}}');
INSERT INTO events VALUES(6,1,3,1795819197185,'child_finished','inside','{"run":"run_01a21f2a52f67bbaa0f10b3c3b0a97ac","outputs":{"said":"hello"}}');
INSERT INTO events VALUES(7,1,4,1795819197187,'timer_set','pause','{"fire_at":"2026-11-27T22:39:57.188Z"}');
INSERT INTO events VALUES(8,1,5,1795819197188,'timer_fired','pause','{}');
INSERT INTO events VALUES(9,1,6,1795819197188,'run_finished',NULL,'{"status":"succeeded","outputs":{"said":"hello"}}');
INSERT INTO events VALUES(10,3,1,1795819197505,'run_started',NULL,'{"playbook":"contain","source":"fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null},"connections":{"defender":"simulated tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at 127.0.0.1:33365"}}');
INSERT INTO events VALUES(11,3,2,1795819197528,'call_succeeded','device','{"attempt":1,"started_at":"2026-11-27T22:39:57.517Z","output":{"id":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-39g9tgl.contoso.example","firstSeen":"2026-04-01T21:44:57.2935755Z","lastSeen":"2026-11-27T20:20:57.2935755Z","osPlatform":"Windows10","onboardingStatus":"Onboarded","osProcessor":"x64","osArchitecture":"64-bit","version":"22H2","osBuild":19045,"lastIpAddress":"10.1.146.53","lastExternalIpAddress":"203.0.113.122","healthStatus":"Active","deviceValue":"Normal","rbacGroupId":140,"rbacGroupName":"The-A-Team","riskScore":"High","exposureLevel":"Medium","isAadJoined":true,"aadDeviceId":"23e5a10b-e2bf-4dda-9d31-0bb2797cdde6","machineTags":["test tag 1","test tag 2"],"ipAddresses":[{"ipAddress":"10.1.146.53","macAddress":"E1A956A14A1B","operationalStatus":"Up"}]}}');
INSERT INTO events VALUES(12,3,3,1795819197528,'call_intended','isolate','{"attempt":1,"action":"defender.isolate_machine","arguments":{"machine_id":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","comment":"Contained.","isolation_type":"Full"},"marker":"[riposte run_01a21f2a54417d5ab3d45e1aef3d8bc0 isolate #1]"}');
INSERT INTO events VALUES(13,3,4,1795819197542,'call_accepted','isolate','{"attempt":1,"provider_id":"eca088f4-f577-4c5d-9f52-9bc820623120"}');
INSERT INTO events VALUES(14,3,5,1795819199088,'call_succeeded','isolate','{"attempt":1,"started_at":"2026-11-27T22:39:57.528Z","output":{"id":"eca088f4-f577-4c5d-9f52-9bc820623120","type":"Isolate","title":null,"requestor":"Riposte","requestorComment":"[riposte run_01a21f2a54417d5ab3d45e1aef3d8bc0 isolate #1] Contained.","requestSource":"Riposte","externalID":null,"status":"Succeeded","machineId":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-39g9tgl.contoso.example","creationDateTimeUtc":"2026-11-27T22:39:57.5387748Z","lastUpdateDateTimeUtc":"2026-11-27T22:39:58.9593064Z","cancellationRequestor":null,"cancellationComment":null,"cancellationDateTimeUtc":null,"errorHResult":0,"scope":"Full","commands":null,"relatedFileInfo":null}}');
INSERT INTO events VALUES(15,3,6,1795819199088,'run_finished',NULL,'{"status":"succeeded"}');
INSERT INTO events VALUES(16,4,1,1795819199395,'run_started',NULL,'{"playbook":"long-wait","source":"38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO events VALUES(17,4,2,1795819199400,'timer_set','pause','{"fire_at":"2026-11-27T23:39:59.400Z"}');
INSERT INTO events VALUES(18,5,1,1795819200895,'run_started',NULL,'{"playbook":"fails","source":"fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO events VALUES(19,5,2,1795819200902,'step_failed','why','{"failure":{"kind":"failed","message":"Too many devices."}}');
INSERT INTO events VALUES(20,5,3,1795819200902,'run_finished',NULL,'{"status":"failed","step":"why","failure":{"kind":"failed","message":"Too many devices."}}');
CREATE TABLE deliveries (
    source   TEXT    NOT NULL,                         -- whose keys these are: `webhook defender-alert contain-device`
    key      TEXT    NOT NULL,                         -- `\` stands as `\\` and NUL as `\0`
    run_id   TEXT    NOT NULL,                         -- the run that it began
    at_ms    INTEGER NOT NULL,                         -- when that run began
    until_ms INTEGER NOT NULL,                         -- not needed any more after this moment
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE parked (
    run    INTEGER NOT NULL PRIMARY KEY REFERENCES runs (run) ON DELETE CASCADE,
    events INTEGER NOT NULL CHECK (events >= 1),
    waits  TEXT    NOT NULL                            -- JSON
) STRICT;
CREATE TABLE stops (
    stop      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    playbook  TEXT,                                    -- NULL: all
    cancel    INTEGER NOT NULL CHECK (cancel IN (0, 1)),
    by        TEXT    NOT NULL,                        -- who, and why
    at_ms     INTEGER NOT NULL,
    lifted_ms INTEGER,
    last_run  INTEGER NOT NULL                         -- the highest number of a run then; no run gets it again
) STRICT;
CREATE TABLE schedules (
    source   TEXT    NOT NULL PRIMARY KEY,             -- as in `deliveries`: `schedule sweep 0 3 * * * Europe/Paris …`
    until_ms INTEGER NOT NULL,                         -- its times up to this one are dealt with
    waiting  TEXT    NOT NULL CHECK (json_valid(waiting)) -- JSON: times in ms whose runs wait for the one before to end
) STRICT, WITHOUT ROWID;
DELETE FROM sqlite_sequence;
CREATE UNIQUE INDEX events_by_run ON events (run, seq);
CREATE VIEW step_overview AS
SELECT r.run_id,
       e.step,
       min(e.seq)                                                              AS first_seq,
       strftime('%Y-%m-%dT%H:%M:%fZ', min(e.at_ms) / 1000.0, 'unixepoch')      AS first_event_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', max(e.at_ms) / 1000.0, 'unixepoch')      AS last_event_at,
       (SELECT l.kind FROM events l WHERE l.run = e.run AND l.step = e.step ORDER BY l.seq DESC LIMIT 1)
                                                                               AS last_event,
       count(*) FILTER (WHERE e.kind = 'call_intended')                        AS calls_intended
FROM events e
JOIN runs r ON r.run = e.run
WHERE e.step IS NOT NULL
GROUP BY e.run, e.step;
CREATE VIEW provider_actions AS
SELECT r.run_id,
       e.step,
       json_extract(i.payload, '$.action')                                     AS action,
       coalesce(json_extract(e.payload, '$.provider_id'),
                json_extract(e.payload, '$.finding.provider_id'))              AS provider_id,
       e.kind = 'reconciled'                                                   AS adopted,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.at_ms / 1000.0, 'unixepoch')           AS accepted_at,
       json_extract(i.payload, '$.marker')                                     AS marker
FROM events e
JOIN runs r ON r.run = e.run
LEFT JOIN events i ON i.run = e.run AND i.step = e.step AND i.kind = 'call_intended'
                  AND json_extract(i.payload, '$.attempt') = json_extract(e.payload, '$.attempt')
WHERE e.kind = 'call_accepted'
   OR (e.kind = 'reconciled' AND json_extract(e.payload, '$.finding.result') = 'adopted');
CREATE INDEX runs_by_root ON runs (root) WHERE root IS NOT NULL;
CREATE VIEW run_overview AS
SELECT r.run_id,
       r.playbook,
       r.status,
       r.trigger,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.started_ms / 1000.0, 'unixepoch')  AS started_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_ms / 1000.0, 'unixepoch') AS finished_at,
       (r.finished_ms - r.started_ms) / 1000.0                             AS seconds,
       json_extract(e.payload, '$.failure.kind')                           AS error_kind,
       json_extract(e.payload, '$.failure.message')                        AS error_message
FROM runs r
LEFT JOIN events e ON e.run = r.run AND e.seq = r.last_seq AND e.kind = 'run_finished';
CREATE INDEX deliveries_by_until ON deliveries (until_ms);
CREATE TRIGGER parked_until_the_end AFTER UPDATE OF status ON runs WHEN new.status <> 'running'
BEGIN
    DELETE FROM parked WHERE run = new.run;
END;
CREATE INDEX runs_to_drive ON runs (owner) WHERE status = 'running' AND root IS NULL;
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_playbook ON runs (playbook, status);
CREATE INDEX runs_by_end ON runs (finished_ms) WHERE root IS NULL AND finished_ms IS NOT NULL;
CREATE INDEX runs_by_source ON runs (source_hash);
CREATE INDEX deliveries_by_run ON deliveries (run_id);
CREATE TRIGGER events_are_immutable BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;
COMMIT;
