/* The lines of a gateway's log. */

export const linesOf = (log: readonly string[]) => log.map((line) => JSON.parse(line));

/** The lines that name a request by its id. */
export const linesOfRequest = (log: readonly string[], requestId: string) =>
  linesOf(log).filter((line) => line.requestId === requestId);
