import { Agent, request } from 'node:http';

/** Streams that follow lists, and when they have learned what. */
export interface Followers extends Disposable {
  /** Opens a stream. Resolves to `followed` with its first event, or to the code of its refusal. */
  open(identity: { readonly token: string; readonly tenant: string }, filter?: string): Promise<string>;
  /** Calls back with the name of each row that a stream has learned of. */
  onRow: (name: string) => void;
}

export function createFollowers(url: string): Followers {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const followers: Followers = {
    onRow: () => {},
    open: ({ token, tenant }, filter = '') =>
      new Promise((resolve) => {
        const headers = {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          'x-auth-token': token,
          'x-tenant-id': tenant,
        };
        const query = `subscription { volumesChanged${filter} { changes { kind volume { name } } failures { code } } }`;
        const asked = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
            const end = text.lastIndexOf('\n\n');
            if (end < 0) return;
            const events = text.slice(0, end);
            text = text.slice(end + 2);
            const [code] = /(?<="code":")[A-Z_]+/.exec(events) ?? [];
            if (events.includes('data: {')) resolve(code ?? 'followed');
            for (const [name] of events.matchAll(/(?<="name":")[^"]*/g)) followers.onRow(name);
          });
          response.on('end', () => resolve(`${response.statusCode} ${text.slice(0, 200)}`)).on('error', () => {});
        });
        asked.on('error', (error) => resolve(error.message));
        asked.end(JSON.stringify({ query }));
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
  return followers;
}
