import type { ServerResponse } from 'node:http';
import type { Metrics } from '../telemetry/metrics.ts';
import { alwaysSent, connectionOf } from './response-headers.ts';

/* Responses outside of GraphQL. They are neither logged nor counted. */

/** @param isClosing true during shutdown. */
export function sendText(response: ServerResponse, status: number, text: string, isClosing: boolean): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...connectionOf(response.req, isClosing) };
  response.writeHead(status, { ...alwaysSent, ...headers }).end(text);
}

/** @param location relative to the path of the request. */
export function sendRedirect(response: ServerResponse, location: string, isClosing: boolean): void {
  response.writeHead(302, { ...alwaysSent, location, ...connectionOf(response.req, isClosing) }).end();
}

export async function sendMetrics(
  response: ServerResponse,
  { registry }: Pick<Metrics, 'registry'>,
  isClosing: boolean,
): Promise<void> {
  const text = await registry.metrics();
  const headers = { 'content-type': registry.contentType, ...connectionOf(response.req, isClosing) };
  response.writeHead(200, { ...alwaysSent, ...headers }).end(text);
}
