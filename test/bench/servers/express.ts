/** The same as the bare server behind an express route: what the framework alone costs. */
import { createServer } from 'node:https';
import express from 'express';
import { bodyOf, constant, pair, port } from './shared.ts';

const app = express();
app.disable('x-powered-by').disable('etag');
app.post('/validate', (request, response) => {
  bodyOf(request, (body) => {
    JSON.parse(body.toString());
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': constant.length });
    response.end(constant);
  });
});
const server = createServer(pair(), app);
server.listen(port(), '127.0.0.1');
