BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE batches (
	id VARCHAR(32) NOT NULL, 
	folder TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_batches PRIMARY KEY (id)
);
INSERT INTO "batches" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','/class','2026-11-25 15:19:33.147265');
CREATE TABLE comments (
	id INTEGER NOT NULL, 
	batch VARCHAR(32) NOT NULL, 
	submission VARCHAR(200) NOT NULL, 
	question VARCHAR(200) NOT NULL, 
	criterion VARCHAR(200) NOT NULL, 
	text TEXT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_comments PRIMARY KEY (id), 
	CONSTRAINT fk_comments_batch_batches FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "comments" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','ada','','','Well done, Ada','eve','2026-11-25 15:19:33.160616');
CREATE TABLE delays (
	id INTEGER NOT NULL, 
	batch VARCHAR(32) NOT NULL, 
	submission VARCHAR(200) NOT NULL, 
	hours DOUBLE, 
	reason TEXT NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_delays PRIMARY KEY (id), 
	CONSTRAINT fk_delays_batch_batches FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "delays" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','ada',3.0,'','eve','2026-11-25 15:19:33.162737');
CREATE TABLE grades (
	id INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	submission VARCHAR(200) NOT NULL, 
	student TEXT NOT NULL, 
	trace VARCHAR(64), 
	points DOUBLE NOT NULL, 
	max_points DOUBLE NOT NULL, 
	unscored_points DOUBLE NOT NULL, 
	problem TEXT NOT NULL, 
	criteria JSON NOT NULL, 
	schema INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_grades PRIMARY KEY (id), 
	CONSTRAINT fk_grades_run_runs FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "grades" VALUES(1,1,'ada','Ada','abababababababababababababababababababababababababababababababab',2.0,10.0,6.0,'','{"q1/runs": 2.0, "q2/text": null}',1,X'7801AD544B6FE23010FE2B91CF1102B6ED811BF7BDEDA1075421279E90118E0D7E6C4151FF7B3F3B4909ADB4ABD59613F6CC78BEC74C7AE163D5B1F76C8DD808A9A428850F519109386FF3B9614D4370C1A7ABA99022517130DD9015D85C711738E4BC6D912E8A594A295CAC1CD7FB56FA162FB9FFFCA1D9C9D911D639727D4C37964DF062B35E2C4BD1C9CB7EBA582DD3CD39920F60898C5D2F5801C6793543FD2B761EC779E143AA9B5EC9CF3A99543A811A29249373D6898D895A4312E35F09A7FEA3D5D4A226AD53DB55B97E814C7449D2A2BCB6A661285D43DD55EAE548FAEC837843D47120C7F286D745A0BFE93C22AE5B027F883A44FF4CE0142BCDB5D80417A914BFC929AE81A617BE950E30968B47C090492899CD5C17B6291E8A4CA148F44BD14267F4FB69EDB19021878A1F8B24C7A5E58A93073BF0ACAC53E4341B3CDB48ED099C2C3A3A509E34AB6D37CC5092F00D45C6061AEBEF63E5E4D97AA6C0335A7C36ED696E5A76FEDF4D4B3DBECBB46CF7CDB409F2E4DA189EBBF695C1DF5C1B06706EDBB3840FC993D1AC7B77FA6908B74AB1392078A4EBC7BEECF04DE8C44BB2E37B3DBCF7171B5C69EA86556864D4E3568C5F9F7D5E5140537CC0E6226DF893E671F84C6919A6D1024F6914A93DA7FD44518A19F218A5419BFB617A072128A4F4','2026-11-25 15:19:33.151098');
CREATE TABLE overrides (
	id INTEGER NOT NULL, 
	batch VARCHAR(32) NOT NULL, 
	submission VARCHAR(200) NOT NULL, 
	question VARCHAR(200) NOT NULL, 
	criterion VARCHAR(200) NOT NULL, 
	points DOUBLE, 
	reason TEXT NOT NULL, 
	automatic DOUBLE, 
	max_points DOUBLE NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_overrides PRIMARY KEY (id), 
	CONSTRAINT fk_overrides_batch_batches FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "overrides" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','ada','q2','text',5.0,'well said',NULL,6.0,'digest of ada','eve','2026-11-25 15:19:33.158407');
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	batch VARCHAR(32) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	assignment VARCHAR(200) NOT NULL, 
	rubric TEXT NOT NULL, 
	rubric_hash VARCHAR(64) NOT NULL, 
	late JSON, 
	version VARCHAR(50) NOT NULL, 
	"by" VARCHAR(200) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (id), 
	CONSTRAINT fk_runs_batch_batches FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "runs" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','grade','tiny','/class/tiny.yaml','82fd3891676c51b45b04e114feab5d1979ee17f9e58608ebb9617d9562db5e7d','{"due": "2026-11-20T23:59:59Z", "grace_hours": 0.0, "percent_per_day": 10.0, "at_most_percent": 100.0}','0.1.0','root','2026-11-25 15:19:33.147265');
CREATE TABLE traces (
	hash VARCHAR(64) NOT NULL, 
	batch VARCHAR(32) NOT NULL, 
	submission VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	profile VARCHAR(20) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_traces PRIMARY KEY (hash, batch, submission), 
	CONSTRAINT fk_traces_batch_batches FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "traces" VALUES('abababababababababababababababababababababababababababababababab','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','ada','digest of ada','quick','2026-11-25 15:19:33.151098');
CREATE INDEX ix_comments_batch_submission ON comments (batch, submission);
CREATE INDEX ix_delays_batch_submission ON delays (batch, submission);
CREATE INDEX ix_overrides_batch_submission ON overrides (batch, submission);
CREATE INDEX ix_runs_batch ON runs (batch);
CREATE INDEX ix_grades_run ON grades (run);
CREATE INDEX ix_grades_submission_run ON grades (submission, run);
CREATE TRIGGER runs_append_only BEFORE UPDATE ON runs
BEGIN SELECT RAISE(ABORT, 'rows of runs are only added, never changed'); END;
CREATE TRIGGER traces_append_only BEFORE UPDATE ON traces
BEGIN SELECT RAISE(ABORT, 'rows of traces are only added, never changed'); END;
CREATE TRIGGER grades_append_only BEFORE UPDATE ON grades
BEGIN SELECT RAISE(ABORT, 'rows of grades are only added, never changed'); END;
CREATE TRIGGER overrides_append_only BEFORE UPDATE ON overrides
BEGIN SELECT RAISE(ABORT, 'rows of overrides are only added, never changed'); END;
CREATE TRIGGER comments_append_only BEFORE UPDATE ON comments
BEGIN SELECT RAISE(ABORT, 'rows of comments are only added, never changed'); END;
CREATE TRIGGER delays_append_only BEFORE UPDATE ON delays
BEGIN SELECT RAISE(ABORT, 'rows of delays are only added, never changed'); END;
COMMIT;
