/** An answer of the simulated service before it is written to the socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A JSON answer of the API proper (FACTS 1). */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

/** An answer without a body; both deletes are typed `text/html` all the same (FACTS 10). */
export function emptyAnswer(status: number, contentType: string): Answer {
  return { status, headers: { 'Content-Type': contentType }, body: '' };
}

/** The page of the web framework below the API, which answers whatever never reaches a handler (FACTS 2). */
export function htmlAnswer(status: number, title: string, text: string): Answer {
  const heading = `${status} ${title}`;
  return {
    status,
    headers: { 'Content-Type': 'text/html; charset=UTF-8' },
    body: `<html>
 <head>
  <title>${heading}</title>
 </head>
 <body>
  <h1>${heading}</h1>
  ${text}<br /><br />



 </body>
</html>`,
  };
}
