/** From this many distinct ids on, one list is read in place of single reads. */
export const manyIds = 10;

/** Rows that are read at most to relate objects of one region to each other. */
export const maxScannedRows = 10_000;

/** Gives equal questions one answer. */
export function remember<Question, Answer>(ask: (question: Question) => Promise<Answer>) {
  const answers = new Map<string, Promise<Answer>>();
  return (question: Question): Promise<Answer> => {
    const key = JSON.stringify(question);
    const answer = answers.get(key) ?? ask(question);
    answers.set(key, answer);
    return answer;
  };
}

/** A batch function's answer for each key: its value, or why it has none. */
export function settle<Key, Value>(keys: readonly Key[], read: (key: Key) => Promise<Value>) {
  return Promise.all(keys.map((key) => read(key).catch(asError)));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
