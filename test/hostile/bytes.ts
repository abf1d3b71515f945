import { alice } from '../support/stack.ts';

/* Requests as bytes, and parts of them. */

export const credentials = ({ token, tenant }: typeof alice) => `X-Auth-Token: ${token}\r\nX-Tenant-Id: ${tenant}\r\n`;
export const list = JSON.stringify({ query: '{ region(code: KR1) { volumes { nodes { name } } } }' });
export const trivial = '{"query":"{ __typename }"}';
export const change = JSON.stringify({
  query: 'mutation { createVolume(input: { region: KR2, size: 1 }) { volume { name } } }',
});
/** The head of a request up to the headers that are to be tried. */
export const head = (line = 'POST /graphql HTTP/1.1') =>
  `${line}\r\nHost: gateway\r\n${credentials(alice)}Content-Type: application/json\r\n`;
export const close = 'Connection: close\r\n';
/** A whole request; without `close` more may follow it. */
export const whole = (body: string, headers = close, line?: string) =>
  `${head(line)}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
export const chunk = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n`;
export const chunked = (body: string) => `Transfer-Encoding: chunked\r\n\r\n${chunk(body)}0\r\n\r\n`;
export const get = (target: string, headers = close) => `GET ${target} HTTP/1.1\r\nHost: gateway\r\n${headers}\r\n`;
