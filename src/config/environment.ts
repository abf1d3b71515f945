/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the README's table says of a variable. */
export interface Variable {
  /** The default; a blank variable means it too. */
  readonly fallback: string;
  readonly meaning: string;
}

/** The text of a variable, or its default. */
export function textOf(environment: Environment, name: string, { fallback }: Pick<Variable, 'fallback'>): string {
  return environment[name]?.trim() || fallback;
}
