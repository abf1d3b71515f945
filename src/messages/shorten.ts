/** How long a name of the request may be in a message. */
const maxName = 100;

/** Cuts a text that is too long, and says so with `…`. */
export function shorten(text: string, most = maxName): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
