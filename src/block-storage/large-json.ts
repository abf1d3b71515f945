/** In bytes. A larger body is parsed in groups of rows. Any other is parsed in one step, in about 15 milliseconds at most. */
export const largeBytes = 2 * 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const [openBrace, closeBrace] = [0x7b, 0x7d];
const [openBracket, closeBracket] = [0x5b, 0x5d];

/**
 * Parses a large JSON object whose members are long lists, as `JSON.parse` does, but in steps: other work can run between two
 * groups of rows. A single row is never divided, however large it is.
 *
 * One pass over the bytes finds the rows: the elements of the lists that are members of the outermost object. It only
 * tells strings and brackets apart. `JSON.parse` reads the rows, group by group, and the rest with a number in place of
 * each list's rows, so invalid JSON is still rejected.
 * @param pause called before each group with its bytes; resolves when the group may be parsed.
 * @param groupBytes the approximate size of a group, in bytes.
 * @throws `SyntaxError`
 */
export async function parseLarge(
  body: Buffer,
  pause: (bytes: number) => Promise<void>,
  groupBytes = 512 * 1024,
): Promise<unknown> {
  if (firstByte(body) !== openBrace) return JSON.parse(body.toString());
  const lists: unknown[][] = [];
  let rest = '';
  let restFrom = 0;
  for (let from = findList(body, 0, 0); from !== null; from = findList(body, restFrom, depthOfList)) {
    rest += `${body.toString('utf8', restFrom, from)}${lists.length}`;
    const rows: unknown[] = [];
    restFrom = await parseRows(body, from, rows, { pause, groupBytes });
    lists.push(rows);
  }
  rest += body.toString('utf8', restFrom);
  const parsed: Readonly<Record<string, unknown>> = JSON.parse(rest);
  // Not by assignment: a member may be called `__proto__`.
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [name, Array.isArray(value) ? lists[value[0]] : value]),
  );
}

/** The number of brackets that are open between two rows of such a list. */
const depthOfList = 2;

/** The first byte that is not JSON white space. */
function firstByte(body: Buffer): number | undefined {
  return body.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
}

/**
 * The offset of the first row of the next list that is a member of the outermost object; null after the last one.
 * @param depthAtStart the number of brackets that are open at `start`.
 */
function findList(body: Buffer, start: number, depthAtStart: number): number | null {
  let depth = depthAtStart;
  for (let at = start; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at);
    else if (byte === openBracket && depth === 1) return at + 1;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return null;
}

/** Parses the rows of one list from the offset `from` into `rows`. Returns the offset of the list’s closing bracket. */
async function parseRows(
  body: Buffer,
  from: number,
  rows: unknown[],
  { pause, groupBytes }: { pause: (bytes: number) => Promise<void>; groupBytes: number },
): Promise<number> {
  let depth = 0;
  let groupFrom = from;
  for (let at = from; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at);
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (depth > 0 && (byte === closeBrace || byte === closeBracket)) depth--;
    else if (byte === closeBracket || (byte === comma && depth === 0 && at - groupFrom >= groupBytes)) {
      const text = body.toString('utf8', groupFrom, at);
      await pause(at - groupFrom);
      const group: unknown[] = JSON.parse(`[${text}]`);
      // The group before this one ended with a comma, so at least one row must follow.
      if (group.length === 0 && groupFrom > from) throw new SyntaxError('a list ends with a comma');
      for (const row of group) rows.push(row);
      if (byte === closeBracket) return at;
      groupFrom = at + 1;
    }
  }
  throw new SyntaxError('a list does not end');
}

/** The offset of the closing quote of the string that begins at `start`; the end of the body if it is never closed. */
function endOfString(body: Buffer, start: number): number {
  for (let at = body.indexOf(quote, start + 1); at >= 0; at = body.indexOf(quote, at + 1)) {
    let escapes = 0;
    while (body[at - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return body.length;
}
