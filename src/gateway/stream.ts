import type { ExecutionResult } from 'graphql';
import { type FetchAPI, getSSEProcessor, mapAsyncIterator } from 'graphql-yoga';
import { jsonOf } from './json.ts';

/** One result, or all of an operation as they come. */
export type Results = ExecutionResult | AsyncIterable<ExecutionResult>;

export function isSeveral(results: Results): results is AsyncIterable<ExecutionResult> {
  return Symbol.asyncIterator in results;
}

const writeEvents = getSSEProcessor();

/** Writes results as server-sent events ("GraphQL over Server-Sent Events", distinct connections mode). */
export async function toEvents(results: Results, fetchAPI: FetchAPI): Promise<ReadableStream<Uint8Array>> {
  const written = isSeveral(results) ? mapAsyncIterator(results, asText) : asText(results);
  const { body } = await writeEvents(written, fetchAPI, 'text/event-stream');
  return body ?? new Blob().stream();
}

/** The GraphQL server calls `stringify` for the text of an event. */
function asText(result: ExecutionResult) {
  return { stringify: () => jsonOf(result) };
}

/** Writes results as parts of one answer (`multipart/mixed`). */
export function toParts(results: Results): ReadableStream<Uint8Array> {
  const iterator = isSeveral(results) ? results[Symbol.asyncIterator]() : [results].values();
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from('\r\n---')),
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (!done) {
        controller.enqueue(partOf(jsonOf(value)));
        return;
      }
      controller.enqueue(Buffer.from('--\r\n'));
      controller.close();
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

function partOf(json: string): Buffer {
  const length = Buffer.byteLength(json);
  return Buffer.from(
    `\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${length}\r\n\r\n${json}\r\n---`,
  );
}
