/** The yardstick: a bare `node:https` server that reads and parses the same body and answers a constant. */
import { createServer } from 'node:https';
import { bodyOf, constant, pair, port } from './shared.ts';

const server = createServer(pair(), (request, response) => {
  bodyOf(request, (body) => {
    JSON.parse(body.toString());
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': constant.length });
    response.end(constant);
  });
});
server.listen(port(), '127.0.0.1');
