import { expect, test } from 'vitest';
import { readAccept } from '../src/accept.ts';

/* What a client says that it can read (RFC 9110, 12.5.1). */

const json = { json: 'application/json', events: false, parts: null };

test.each([
  [undefined, json],
  ['', json],
  ['*/*', json],
  ['application/*', json],
  ['APPLICATION/JSON', json],
  ['application/json; charset="utf-8"', json],
  ['application/graphql-response+json, application/json;q=0.9', { ...json, json: 'application/graphql-response+json' }],
  [
    'application/json;charset=latin1, application/graphql-response+json',
    { ...json, json: 'application/graphql-response+json' },
  ],
  ['text/event-stream', { json: null, events: true, parts: null }],
  ['text/*', { json: null, events: true, parts: null }],
  ['text/event-stream\t, application/json', { ...json, events: true }],
  ['application/json;q=0, text/event-stream', { json: null, events: true, parts: null }],
  ['text/event-stream;q=0.0, application/json', json],
  ['multipart/mixed', { json: null, events: false, parts: 'current' }],
  ['multipart/*', { json: null, events: false, parts: 'current' }],
  ['multipart/mixed;incrementalSpec=v0.2, application/json', { ...json, parts: 'current' }],
  ['multipart/mixed;deferSpec="20220824", application/json', { ...json, parts: 'legacy' }],
  ['*/*;q=0', null],
  ['text/html', null],
  ['image/png, application/json;charset=latin1', null],
])('%j', (header, accepted) => {
  expect(readAccept(header)).toEqual(accepted);
});
