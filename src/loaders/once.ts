/** Something that is read once, when it is first asked for. */
export interface Once<Value> {
  /** As soon as it is here it is given at once: a thousand rows that ask for it need not wait one by one. */
  get(): Value | Promise<Value>;
  /** Whether it was asked for. */
  isStarted(): boolean;
}

export function readOnce<Value extends object>(read: () => Promise<Value>): Once<Value> {
  let value: Value | Promise<Value> | null = null;

  async function start(): Promise<Value> {
    const result = await read();
    value = result;
    return result;
  }

  return {
    get() {
      value ??= start();
      return value;
    },
    isStarted: () => value !== null,
  };
}
