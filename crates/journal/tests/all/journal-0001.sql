-- A journal of the schema 0001 as it was written, with a run that was left before its end. Never changed.
PRAGMA application_id = 1380536403;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'journal','2026-11-26 17:27:15',1,X'BED5E0D504F7AD13E3BDB7E5964D626BECE3575073E06509D3DE8E4C62DCDAE60CA82ECF85C6E7A52CF3DAD6D9FDAF95',3541296);
CREATE TABLE events (
    lsn     INTEGER NOT NULL PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (run),
    seq     INTEGER NOT NULL CHECK (seq >= 1),
    at_ms   INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    step    TEXT,
    payload ANY     NOT NULL                           -- JSON text
) STRICT;
INSERT INTO "events" VALUES(1,1,1,1795714035443,'run_started',NULL,'{"kind":"run_started","playbook":"outer","source":"96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO "events" VALUES(2,1,2,1795714035445,'child_started','inside','{"kind":"child_started","step":"inside","run":"run_01a218e5aef5777d9e0dfb08751e4442"}');
INSERT INTO "events" VALUES(3,2,1,1795714035445,'run_started',NULL,'{"kind":"run_started","playbook":"inner","source":"c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c","inputs":{"text":"hello"},"trigger":{"kind":"call","name":"outer","body":{"run":"run_01a218e5aef2780d95b47e1e35ac19f1","step":"inside"}},"parent":{"run":"run_01a218e5aef2780d95b47e1e35ac19f1","step":"inside","depth":1}}');
INSERT INTO "events" VALUES(4,2,2,1795714035447,'step_succeeded','said','{"kind":"step_succeeded","step":"said","output":{"text":"hello"}}');
INSERT INTO "events" VALUES(5,2,3,1795714035448,'run_finished',NULL,'{"kind":"run_finished","status":"succeeded","outputs":{"said":"hello"}}');
INSERT INTO "events" VALUES(6,1,3,1795714035449,'child_finished','inside','{"kind":"child_finished","step":"inside","run":"run_01a218e5aef5777d9e0dfb08751e4442","outputs":{"said":"hello"}}');
INSERT INTO "events" VALUES(7,1,4,1795714035450,'timer_set','pause','{"kind":"timer_set","step":"pause","fire_at":"2026-11-26T17:27:15.451Z"}');
INSERT INTO "events" VALUES(8,1,5,1795714035451,'timer_fired','pause','{"kind":"timer_fired","step":"pause"}');
INSERT INTO "events" VALUES(9,1,6,1795714035452,'run_finished',NULL,'{"kind":"run_finished","status":"succeeded","outputs":{"said":"hello"}}');
INSERT INTO "events" VALUES(10,3,1,1795714035914,'run_started',NULL,'{"kind":"run_started","playbook":"contain","source":"fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null},"connections":{"defender":"simulated tenant aaaabbbb-0000-cccc-1111-dddd2222eeee at 127.0.0.1:42261"}}');
INSERT INTO "events" VALUES(11,3,2,1795714035926,'call_succeeded','device','{"kind":"call_succeeded","step":"device","attempt":1,"started_at":"2026-11-26T17:27:15.921Z","output":{"id":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-39g9tgl.contoso.example","firstSeen":"2026-03-31T16:32:15.7034859Z","lastSeen":"2026-11-26T15:08:15.7034859Z","osPlatform":"Windows10","onboardingStatus":"Onboarded","osProcessor":"x64","osArchitecture":"64-bit","version":"22H2","osBuild":19045,"lastIpAddress":"10.1.146.53","lastExternalIpAddress":"203.0.113.122","healthStatus":"Active","deviceValue":"Normal","rbacGroupId":140,"rbacGroupName":"The-A-Team","riskScore":"High","exposureLevel":"Medium","isAadJoined":true,"aadDeviceId":"23e5a10b-e2bf-4dda-9d31-0bb2797cdde6","machineTags":["test tag 1","test tag 2"],"ipAddresses":[{"ipAddress":"10.1.146.53","macAddress":"E1A956A14A1B","operationalStatus":"Up"}]}}');
INSERT INTO "events" VALUES(12,3,3,1795714035928,'call_intended','isolate','{"kind":"call_intended","step":"isolate","attempt":1,"action":"defender.isolate_machine","arguments":{"machine_id":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","comment":"Contained.","isolation_type":"Full"},"marker":"[riposte run_01a218e5b0ca70079a7bcd071750fbb1 isolate #1]"}');
INSERT INTO "events" VALUES(13,3,4,1795714035931,'call_accepted','isolate','{"kind":"call_accepted","step":"isolate","attempt":1,"provider_id":"eca088f4-f577-4c5d-9f52-9bc820623120"}');
INSERT INTO "events" VALUES(14,3,5,1795714037455,'call_succeeded','isolate','{"kind":"call_succeeded","step":"isolate","attempt":1,"started_at":"2026-11-26T17:27:15.928Z","output":{"id":"eca088f4-f577-4c5d-9f52-9bc820623120","type":"Isolate","title":null,"requestor":"Riposte","requestorComment":"[riposte run_01a218e5b0ca70079a7bcd071750fbb1 isolate #1] Contained.","requestSource":"Riposte","externalID":null,"status":"Succeeded","machineId":"1e5bc9d7e413ddd7902c2932e418702b84d0cc07","computerDnsName":"desktop-39g9tgl.contoso.example","creationDateTimeUtc":"2026-11-26T17:27:15.9295512Z","lastUpdateDateTimeUtc":"2026-11-26T17:27:17.3500828Z","cancellationRequestor":null,"cancellationComment":null,"cancellationDateTimeUtc":null,"errorHResult":0,"scope":"Full","commands":null,"relatedFileInfo":null}}');
INSERT INTO "events" VALUES(15,3,6,1795714037461,'run_finished',NULL,'{"kind":"run_finished","status":"succeeded"}');
INSERT INTO "events" VALUES(16,4,1,1795714037918,'run_started',NULL,'{"kind":"run_started","playbook":"long-wait","source":"38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO "events" VALUES(17,4,2,1795714037933,'timer_set','pause','{"kind":"timer_set","step":"pause","fire_at":"2026-11-26T18:27:17.933Z"}');
INSERT INTO "events" VALUES(18,5,1,1795714040864,'run_started',NULL,'{"kind":"run_started","playbook":"fails","source":"fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809","inputs":{},"trigger":{"kind":"manual","name":"riposte run","body":null}}');
INSERT INTO "events" VALUES(19,5,2,1795714040873,'step_failed','why','{"kind":"step_failed","step":"why","failure":{"kind":"failed","message":"Too many devices."}}');
INSERT INTO "events" VALUES(20,5,3,1795714040874,'run_finished',NULL,'{"kind":"run_finished","status":"failed","step":"why","failure":{"kind":"failed","message":"Too many devices."}}');
CREATE TABLE playbooks (
    hash          TEXT    NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    source        TEXT    NOT NULL,
    first_used_ms INTEGER NOT NULL
) STRICT;
INSERT INTO "playbooks" VALUES('96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46','name: outer
steps:
  - { id: inside, call: inner, with: { text: hello } }
  - { id: pause, wait: 1ms }
outputs:
  said: "${{ steps.inside.output.said }}"
',1795714035443);
INSERT INTO "playbooks" VALUES('c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c','name: inner
inputs:
  text: { type: string }
steps:
  - { id: said, set: { text: "${{ inputs.text }}" } }
outputs:
  said: "${{ steps.said.output.text }}"
',1795714035445);
INSERT INTO "playbooks" VALUES('fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f','name: contain
steps:
  - { id: device, action: defender.get_machine, with: { machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07 } }
  - { id: isolate, action: defender.isolate_machine, with: { machine_id: 1e5bc9d7e413ddd7902c2932e418702b84d0cc07, comment: Contained. } }
',1795714035914);
INSERT INTO "playbooks" VALUES('38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964','name: long-wait
steps:
  - { id: pause, wait: 1h }
',1795714037918);
INSERT INTO "playbooks" VALUES('fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809','name: fails
steps:
  - { id: why, fail: Too many devices. }
',1795714040864);
CREATE TABLE runs (
    run         INTEGER NOT NULL PRIMARY KEY,          -- short key for `events`
    run_id      TEXT    NOT NULL UNIQUE,               -- run_ and 32 hexadecimal digits of a UUIDv7
    playbook    TEXT    NOT NULL,
    source_hash TEXT    NOT NULL REFERENCES playbooks (hash),
    trigger     TEXT    NOT NULL,                      -- kind and name: `webhook defender-alert`
    status      TEXT    NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
    started_ms  INTEGER NOT NULL,
    finished_ms INTEGER,
    last_seq    INTEGER NOT NULL CHECK (last_seq >= 1),
    CHECK ((status = 'running') = (finished_ms IS NULL))
) STRICT;
INSERT INTO "runs" VALUES(1,'run_01a218e5aef2780d95b47e1e35ac19f1','outer','96ea8742613878fdc4a9d9749ad30761a91b68a91c3412a369fe23e763e23d46','manual riposte run','succeeded',1795714035443,1795714035452,6);
INSERT INTO "runs" VALUES(2,'run_01a218e5aef5777d9e0dfb08751e4442','inner','c95c1752f685b743be4ead32bbdcf8682379a73e895a0b2dd89fbef25bc0355c','call outer','succeeded',1795714035445,1795714035448,3);
INSERT INTO "runs" VALUES(3,'run_01a218e5b0ca70079a7bcd071750fbb1','contain','fa09351782f3d3b3ba3a1ced0eb118804773f36c33d1981e41c04d79ef54a88f','manual riposte run','succeeded',1795714035914,1795714037461,6);
INSERT INTO "runs" VALUES(4,'run_01a218e5b89e71fd8326dfccc48a34e2','long-wait','38b74fa6b41712d81c1bc5aebbe1f825a9c507a2aafab2771d5f4856ae446964','manual riposte run','running',1795714037918,NULL,2);
INSERT INTO "runs" VALUES(5,'run_01a218e5c4207afca145d4a03af4c025','fails','fd172c2fc383250e4a4f0071ab49ca1c4383dae1ea9ae5fb3fbcf30311286809','manual riposte run','failed',1795714040864,1795714040874,3);
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
COMMIT;
