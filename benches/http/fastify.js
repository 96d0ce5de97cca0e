// Fastify with better-sqlite3: one indexed read by the presented key. node fastify.js PORT FILE
const [, , port, file] = process.argv;
const db = require('better-sqlite3')(file);
const find = db.prepare('SELECT user_id, login, email, network_id, level, status, created FROM users WHERE key = ?');
const string = { type: 'string' }, integer = { type: 'integer' };
const data = { type: 'object', properties: { userId: integer, login: string, email: string, networkId: integer, authLevel: string, status: string, created: string } };
const schema = { response: { 200: { type: 'object', properties: { success: { type: 'boolean' }, data } } } };
const app = require('fastify')();
app.get('/v2/users/me', { schema }, (request, reply) => {
  const row = find.get(request.headers['x-api-key']);
  if (!row) return reply.code(401).send({ success: false });
  reply.send({ success: true, data: { userId: row.user_id, login: row.login, email: row.email, networkId: row.network_id, authLevel: row.level, status: row.status, created: row.created } });
});
app.listen({ port: Number(port), host: '127.0.0.1' });
