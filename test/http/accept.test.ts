import { expect, test } from 'vitest';
import { prefersPage, readAccept } from '../../src/http/accept.ts';

/* What a client says that it can read (RFC 9110, 12.5.1). */

const json = { json: 'application/json', events: false, parts: null };
const graphql = { ...json, json: 'application/graphql-response+json' };

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
  ['application/json;q=0.9, application/graphql-response+json', graphql],
  ['application/json;q=0.1, application/graphql-response+json;q=1', graphql],
  ['*/*;q=0.1, application/graphql-response+json', graphql],
  ['application/graphql-response+json, application/json', graphql],
  ['application/json, application/graphql-response+json', json],
  ['application/graphql-response+json;q=0, application/json', json],
  ['application/graphql-response+json;q=0.001, application/json;q=0', graphql],
  ['application/json;q=0.2, application/*;q=0.1', json],
  ['application/json;q=0, */*', graphql],
  ['application/json, text/plain, */*', json],
  ['application/json;profile="a,b;c";q=0.9, application/graphql-response+json;q=0.8', json],
  ['text/event-stream', { json: null, events: true, parts: null }],
  ['text/*', { json: null, events: true, parts: null }],
  ['text/event-stream\t, application/json', { ...json, events: true }],
  ['application/json;q=0, text/event-stream', { json: null, events: true, parts: null }],
  ['text/event-stream;q=0.0, application/json', json],
  ['multipart/mixed', { json: null, events: false, parts: 'current' }],
  ['multipart/*', { json: null, events: false, parts: 'current' }],
  ['multipart/mixed;incrementalSpec=v0.2, application/json', { ...json, parts: 'current' }],
  ['multipart/mixed;deferSpec="20220824", application/json', { ...json, parts: 'legacy' }],
  ['multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json', { ...json, parts: 'current' }],
  ['multipart/mixed;deferSpec=20231212, application/json', { ...json, parts: 'current' }],
  ['application/json;odata.metadata=minimal', json],
  ['text/html, */*', json],
  ['*/*;q=0', null],
  ['text/html', null],
  [`application/json, ${'a/b,'.repeat(500)}`, null],
  ['nonsense', null],
  [';,="', null],
  ['image/png, application/json;charset=latin1', null],
])('%j', (header, accepted) => {
  expect(readAccept(header)).toEqual(accepted && expect.objectContaining(accepted));
});

const stream = { json: null, deferred: true };

test.each([
  ['application/json, text/event-stream', { ...json, events: true, deferred: true }],
  ['text/event-stream, application/json', { ...json, events: true, deferred: true }],
  ['text/*, application/json', { ...json, events: true, deferred: true }],
  ['text/event-stream, */*', { ...json, events: true, deferred: true }],
  ['multipart/mixed;deferSpec=20220824, application/json;charset=utf-8', { ...json, parts: 'legacy', deferred: true }],
  ['application/json, text/event-stream;q=0.1', { ...json, events: true, deferred: false }],
  ['text/event-stream;q=0.1, application/*;q=0.2', { ...json, events: true, deferred: false }],
  ['application/graphql-response+json, multipart/mixed;q=0.1', { ...graphql, parts: 'current', deferred: false }],
  ['text/event-stream, application/json;q=0.1', { ...stream, events: true, parts: null }],
  ['text/event-stream, */*;q=0.5', { ...stream, events: true, parts: null }],
  ['multipart/mixed, application/json;q=0.9', { ...stream, events: false, parts: 'current' }],
  ['text/event-stream, multipart/mixed;q=0.1', { ...stream, events: true, parts: null }],
  ['text/event-stream;q=0.5, multipart/mixed;q=0.1, */*;q=0.2', { ...stream, events: true, parts: null }],
  ['text/event-stream;q=0.1, multipart/mixed', { ...stream, events: true, parts: 'current' }],
])('the weights decide between JSON and streams in %j', (header, accepted) => {
  expect(readAccept(header)).toEqual(accepted);
});

test.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['text/html', true],
  ['application/json, text/html', false],
  ['text/html;q=0.1, application/json', false],
  ['text/html;q=0, application/json', false],
  ['*/*', false],
  ['', false],
])('%s prefers a page: %s', (header, isPreferred) => {
  expect(prefersPage(header)).toBe(isPreferred);
});
