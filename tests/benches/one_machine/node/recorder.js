// A recorder as one writes it in an afternoon: Express and better-sqlite3, each report in a transaction of its own,
// on disk before it is answered. It checks little and answers little; it is here to be measured beside.
const crypto = require('crypto');
const Database = require('better-sqlite3');
const express = require('express');

const db = new Database(process.argv[2]);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE events (number INTEGER PRIMARY KEY, key TEXT UNIQUE, deployment TEXT, sequence INTEGER, hash TEXT, body TEXT);
  CREATE INDEX by_deployment ON events (deployment, sequence);
  CREATE TABLE deployments (id TEXT PRIMARY KEY, service TEXT, environment TEXT, sequence INTEGER, hash TEXT, body TEXT);
  CREATE INDEX by_place ON deployments (environment, service);
  CREATE TABLE live (environment TEXT, service TEXT, body TEXT, PRIMARY KEY (environment, service));
  CREATE TABLE log (environment TEXT, service TEXT, at TEXT, id TEXT, PRIMARY KEY (environment, service, at, id));`);
const duplicate = db.prepare('SELECT sequence FROM events WHERE key = ?');
const stored = db.prepare('SELECT sequence, hash, body FROM deployments WHERE id = ?');
const putEvent = db.prepare('INSERT INTO events (key, deployment, sequence, hash, body) VALUES (?, ?, ?, ?, ?)');
const putDeployment = db.prepare(`INSERT INTO deployments VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, body = excluded.body`);
const live = db.prepare('SELECT body FROM live WHERE environment = ? AND service = ?');
const putLive = db.prepare('INSERT INTO live VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
const putLog = db.prepare('INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?)');
const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');

const record = db.transaction((event) => {
  const key = sha256(JSON.stringify(event));
  const known = duplicate.get(key);
  if (known) return [200, { deploymentId: event.deploymentId, sequence: known.sequence }];
  const before = stored.get(event.deploymentId);
  const state = { ...(before ? JSON.parse(before.body) : {}), ...event };
  const sequence = (before?.sequence ?? 0) + 1;
  const hash = sha256((before?.hash ?? '') + key);
  putEvent.run(key, event.deploymentId, sequence, hash, JSON.stringify({ ...event, recordedAt: new Date() }));
  putDeployment.run(event.deploymentId, state.service, state.environment, sequence, hash, JSON.stringify(state));
  if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(event.status)) {
    putLog.run(state.environment, state.service, event.occurredAt, event.deploymentId);
    const there = live.get(state.environment, state.service);
    if (!there || JSON.parse(there.body).occurredAt <= event.occurredAt) {
      putLive.run(state.environment, state.service, JSON.stringify(state));
    }
  }
  return [201, { deploymentId: event.deploymentId, sequence, status: state.status }];
});

const app = express();
app.use(express.json());
app.post('/v1/events', (request, response) => {
  if (!request.body.deploymentId || !request.body.status) return response.status(400).json({ error: 'incomplete' });
  const [status, receipt] = record.immediate(request.body);
  response.status(status).json(receipt);
});
app.get('/v1/live', (request, response) => {
  const there = live.get(request.query.environment, request.query.service);
  response.json({ items: there ? [JSON.parse(there.body)] : [], nextCursor: null });
});
const server = app.listen(0, '127.0.0.1', () => console.log(`listens on http://127.0.0.1:${server.address().port}`));
