-- A journal of the schema 0002 as it was written, with a run that was left before its end. Never changed.
PRAGMA application_id = 1380536403;
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'journal','2026-11-26 20:32:19',1,X'bed5e0d504f7ad13e3bdb7e5964d626bece3575073e06509d3de8e4c62dcdae60ca82ecf85c6e7a52cf3dad6d9fdaf95',1084437);
INSERT INTO _sqlx_migrations VALUES(2,'owners','2026-11-26 20:32:19',1,X'10b630770088e3ce66a1bc128c0081eb6724d5ef3809abc9fab5b9f5edde08bff1db62f1b1f3865873842a250446653f',1307931);
CREATE TABLE playbooks (
    hash          TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    source        TEXT    NOT NULL,
    first_used_ms INTEGER NOT NULL
) STRICT;
INSERT INTO playbooks VALUES('96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46',replace('name: outer\nsteps:\n  - { id: inside, call: inner, with: { text: hello } }\n  - { id: pause, wait: 1ms }\noutputs:\n  said: "${{ steps.inside.output.said }}"\n','\n',char(10)),1795725139251);
INSERT INTO playbooks VALUES('c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c',replace('name: inner\ninputs:\n  text: { type: string }\nsteps:\n  - { id: said, set: { text: "${{ inputs.text }}" } }\noutputs:\n  said: "${{ steps.said.output.text }}"\n','\n',char(10)),1795725139260);
INSERT INTO playbooks VALUES('fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f',replace('name: contain\nsteps:\n  - { id: device, action: defender.get_machine, with: { machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07 } }\n  - { id: isolate, action: defender.isolate_machine, with: { machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07, comment: Contained. } }\n','\n',char(10)),1795725139520);
INSERT INTO playbooks VALUES('38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964',replace('name: long-wait\nsteps:\n  - { id: pause, wait: 1h }\n','\n',char(10)),1795725141361);
INSERT INTO playbooks VALUES('fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809',replace('name: fails\nsteps:\n  - { id: why, fail: Too many devices. }\n','\n',char(10)),1795725143346);
CREATE TABLE runs (
    run         INTEGER NOT NULL PRIMARY KEY,          -- short key for `events`
    run_id      TEXT    NOT NULL UNIQUE,               -- run_ and 32 hexadecimal digits of a UUIDv7
    playbook    TEXT    NOT NULL,
    source_hash TEXT    NOT NULL REFERENCES playbooks (hash),
    trigger     TEXT    NOT NULL,                      -- kind and name: `webhook defender-alert`
    status      TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
    started_ms  INTEGER NOT NULL,
    finished_ms INTEGER,
    last_seq    INTEGER NOT NULL CHECK (last_seq >= 1), root INTEGER REFERENCES runs (run), owner TEXT,
    CHECK ((status = 'running') = (finished_ms IS NULL))
) STRICT;
INSERT INTO runs VALUES(1,'run_01a2198f1d337587b1ca409159d56ed8','outer','96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46','manual riposte run','succeeded',1795725139251,1795725139266,6,NULL,'4addc700df524b80a0acbf574f801c0c');
INSERT INTO runs VALUES(2,'run_01a2198f1d3c7c3caa2fca8fdc1371c3','inner','c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c','call outer','succeeded',1795725139260,1795725139263,3,1,NULL);
INSERT INTO runs VALUES(3,'run_01a2198f1e40772e9a11a5df871b3f5e','contain','fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f','manual riposte run','succeeded',1795725139520,1795725141063,6,NULL,'35d0bb840e43409db93a4790ec366e54');
INSERT INTO runs VALUES(4,'run_01a2198f2571731c8491555ec2b47fb2','long-wait','38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964','manual riposte run','running',1795725141361,NULL,2,NULL,'d31b758ee8c84ec28b676d533e8d6ac7');
INSERT INTO runs VALUES(5,'run_01a2198f2d3274d5866616571ea102f8','fails','fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809','manual riposte run','failed',1795725143346,1795725143354,3,NULL,'9e861ebb9dc24d31bfed55c584c9ec6e');
CREATE TABLE events (
    lsn     INTEGER NOT NULL PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (run),
    seq     INTEGER NOT NULL CHECK (seq >= 1),
    at_ms   INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    step    TEXT,
    payload ANY     NOT NULL                           -- JSON text
) STRICT;
INSERT INTO events VALUES(1,1,1,1795725139251,'run_started',NULL,'{"kind":"run_started","playbook":"outer","source":"96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO events VALUES(2,1,2,1795725139260,'child_started','inside','{"kind":"child_started","step":"inside","run":"run_01a2198f1d3c7c3caa2fca8fdc1371c3"}');
INSERT INTO events VALUES(3,2,1,1795725139260,'run_started',NULL,'{"kind":"run_started","playbook":"inner","source":"c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c","inputs":{"text":"hello"},"trigger":{"kind":"call","name":"outer","body":{"run":"run_01a2198f1d337587b1ca409159d56ed8","step":"inside"}},"parent":{"run":"run_01a2198f1d337587b1ca409159d56ed8","step":"inside","depth":1}}');
INSERT INTO events VALUES(4,2,2,1795725139262,'step_succeeded','said','{"kind":"step_succeeded","step":"said","output":{"text":"hello"}}');
INSERT INTO events VALUES(5,2,3,1795725139263,'run_finished',NULL,'{"kind":"run_finished","status":"succeeded","outputs":{"said":"hello"}}');
INSERT INTO events VALUES(6,1,3,1795725139264,'child_finished','inside','{"kind":"child_finished","step":"inside","run":"run_01a2198f1d3c7c3caa2fca8fdc1371c3","outputs":{"said":"hello"}}');
INSERT INTO events VALUES(7,1,4,1795725139264,'timer_set','pause','{"kind":"timer_set","step":"pause","fire_at":"2026-11-26T20:32:19.265Z"}');
INSERT INTO events VALUES(8,1,5,1795725139265,'timer_fired','pause','{"kind":"timer_fired","step":"pause"}');
INSERT INTO events VALUES(9,1,6,1795725139266,'run_finished',NULL,'{"kind":"run_finished","status":"succeeded","outputs":{"said":"hello"}}');
INSERT INTO events VALUES(10,3,1,1795725139520,'run_started',NULL,'{"kind":"run_started","playbook":"contain","source":"fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null},"connections":{"defender":"simulated tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at 127.0.0.1:42461"}}');
INSERT INTO events VALUES(11,3,2,1795725139529,'call_succeeded','device','{"kind":"call_succeeded","step":"device","attempt":1,"started_at":"2026-11-26T20:32:19.523Z","output":{"id":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-39g9tgl.contoso.example","firstSeen":"2026-03-31T19:37:19.4355918Z","lastSeen":"2026-11-26T18:13:19.4355918Z","osPlatform":"Windows10","onboardingStatus":"Onboarded","osProcessor":"x64","osArchitecture":"64-bit","version":"22H2","osBuild":19045,"lastIpAddress":"10.1.146.53","lastExternalIpAddress":"203.0.113.122","healthStatus":"Active","deviceValue":"Normal","rbacGroupId":140,"rbacGroupName":"The-A-Team","riskScore":"High","exposureLevel":"Medium","isAadJoined":true,"aadDeviceId":"23e5a10b-e2bf-4dda-9d31-0bb2797cdde6","machineTags":["test tag 1","test tag 2"],"ipAddresses":[{"ipAddress":"10.1.146.53","macAddress":"E1A956A14A1B","operationalStatus":"Up"}]}}');
INSERT INTO events VALUES(12,3,3,1795725139531,'call_intended','isolate','{"kind":"call_intended","step":"isolate","attempt":1,"action":"defender.isolate_machine","arguments":{"machine_id":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","comment":"Contained.","isolation_type":"Full"},"marker":"[riposte run_01a2198f1e40772e9a11a5df871b3f5e isolate #1]"}');
INSERT INTO events VALUES(13,3,4,1795725139536,'call_accepted','isolate','{"kind":"call_accepted","step":"isolate","attempt":1,"provider_id":"eca088f4-f577-4c5d-9f52-9bc820623120"}');
INSERT INTO events VALUES(14,3,5,1795725141060,'call_succeeded','isolate','{"kind":"call_succeeded","step":"isolate","attempt":1,"started_at":"2026-11-26T20:32:19.531Z","output":{"id":"eca088f4-f577-4c5d-9f52-9bc820623120","type":"Isolate","title":null,"requestor":"Riposte","requestorComment":"[riposte run_01a2198f1e40772e9a11a5df871b3f5e isolate #1] Contained.","requestSource":"Riposte","externalID":null,"status":"Succeeded","machineId":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-39g9tgl.contoso.example","creationDateTimeUtc":"2026-11-26T20:32:19.5351726Z","lastUpdateDateTimeUtc":"2026-11-26T20:32:20.9557042Z","cancellationRequestor":null,"cancellationComment":null,"cancellationDateTimeUtc":null,"errorHResult":0,"scope":"Full","commands":null,"relatedFileInfo":null}}');
INSERT INTO events VALUES(15,3,6,1795725141063,'run_finished',NULL,'{"kind":"run_finished","status":"succeeded"}');
INSERT INTO events VALUES(16,4,1,1795725141361,'run_started',NULL,'{"kind":"run_started","playbook":"long-wait","source":"38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO events VALUES(17,4,2,1795725141366,'timer_set','pause','{"kind":"timer_set","step":"pause","fire_at":"2026-11-26T21:32:21.366Z"}');
INSERT INTO events VALUES(18,5,1,1795725143346,'run_started',NULL,'{"kind":"run_started","playbook":"fails","source":"fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO events VALUES(19,5,2,1795725143350,'step_failed','why','{"kind":"step_failed","step":"why","failure":{"kind":"failed","message":"Too many devices."}}');
INSERT INTO events VALUES(20,5,3,1795725143354,'run_finished',NULL,'{"kind":"run_finished","status":"failed","step":"why","failure":{"kind":"failed","message":"Too many devices."}}');
CREATE INDEX runs_unfinished ON runs (run) WHERE status = 'running';
CREATE UNIQUE INDEX events_by_run ON events (run, seq);
CREATE TRIGGER events_are_immutable BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;
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
LEFT JOIN events e ON e.run = r.run AND e.kind = 'run_finished';
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
COMMIT;
