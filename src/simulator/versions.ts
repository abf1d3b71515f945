import { type Answer, jsonAnswer } from './answer.ts';

/** What the service says of itself at `/`, to anybody and with 300, as recorded from Cinder 17. */
export function versionsAnswer(origin: string): Answer {
  return jsonAnswer(300, { versions: [version(origin, 'v2.0', 'DEPRECATED'), version(origin, 'v3.0', 'CURRENT')] });
}

function version(origin: string, id: string, status: string) {
  return { id, status, links: [{ rel: 'self', href: `${origin}/${id.slice(0, 2)}/` }] };
}
