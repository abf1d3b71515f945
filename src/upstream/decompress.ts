import { type Dispatcher, interceptors } from 'undici';
import { codeOf } from './fault.ts';

/**
 * Decompresses a response that has `Content-Encoding`: some proxies compress unasked (RFC 9110, 12.5.3). Other responses, and
 * those with an unknown coding, pass unchanged.
 */
export class Decompressing implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  #next: Dispatcher.DispatchHandler;
  /** The head of a response that says that it is compressed, until its body begins. */
  #head: Head | null = null;

  /** @param maxBytes of the decompressed body. A larger one fails like an uncompressed one that is too large. */
  constructor(handler: Dispatcher.DispatchHandler, maxBytes: number) {
    this.#next = handler;
    this.#maxBytes = maxBytes;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#next.onRequestStart?.(controller, undefined);
  }

  onResponseStart(...head: Head): void {
    const [, status, headers] = head;
    if (status >= 200 && isDecodable(headers['content-encoding'])) this.#head = head;
    else this.#next.onResponseStart?.(...head);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#head) {
      this.#next = decoderFor(this.#next, this.#maxBytes);
      // From here on the call uses the decoder's controller, which also pauses and aborts the decompression.
      this.onRequestStart(controller);
      this.#passHead();
    }
    this.#next.onResponseData?.(controller, chunk);
  }

  onResponseEnd(...end: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    // An empty body is not compressed, whatever its head says: a proxy may leave the header on an empty 202.
    this.#passHead();
    this.#next.onResponseEnd?.(...end);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#next.onResponseError?.(controller, error);
  }

  #passHead(): void {
    if (this.#head) this.#next.onResponseStart?.(...this.#head);
    this.#head = null;
  }
}

type Head = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>;

/** undici breaks a response off that names more codings than this. */
const maxCodings = 5;

function isDecodable(codings: string | string[] | undefined): boolean {
  return codings !== undefined && String(codings).split(',').length <= maxCodings;
}

/** A handler that decompresses a response for another one, as undici’s interceptor makes it. */
function decoderFor(handler: Dispatcher.DispatchHandler, maxSize: number): Dispatcher.DispatchHandler {
  let decoder = handler;
  const capture: Dispatcher['dispatch'] = (_, wrapped) => {
    decoder = wrapped;
    return true;
  };
  interceptors.decompress({ skipErrorResponses: false, maxSize })(capture)({ method: 'GET', path: '/' }, handler);
  return decoder;
}

/** The errors of Node’s decoders: `Z_DATA_ERROR`, `ERR__ERROR_FORMAT_PADDING_1` (Brotli), `ZSTD_error_prefix_unknown`. */
const codesOfDecoders = /^(Z_|ERR__ERROR_|ZSTD_error_)/;

/** Whether a call failed because its response could not be decompressed. */
export function isDecompressionError(error: Error): boolean {
  return codesOfDecoders.test(codeOf(error) ?? '');
}
