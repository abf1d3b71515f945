import { badRequest, invalidInput } from './error.ts';
import { BOOLEAN_WORDS, pythonInt, pythonRepr, pythonStr } from './python.ts';

type TypeName = 'object' | 'string' | 'integer' | 'boolean' | 'null';

/** The part of JSON Schema that Cinder describes its bodies with; the keywords are checked in the order given here. */
export interface Schema {
  readonly type?: readonly TypeName[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly keys?: RegExp;
  readonly values?: Schema;
  readonly required?: readonly string[];
  readonly closed?: boolean;
  readonly pattern?: RegExp;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly oneOf?: readonly unknown[];
  /** A UUID or null; `null` is left out by {@link UUID}. */
  readonly alternative?: (value: unknown) => boolean;
  /** A text whose length is refused in other words than the rest. */
  readonly trimmedLength?: number;
}

/** Checks a body and gives it back typed; refuses it in Cinder's words at the first fault (FACTS 5, 10). */
export function validate<T>(schema: Schema, body: unknown): T {
  check(schema, body, []);
  // The schema just passed is the description of T; the two stand side by side at every caller.
  return body as T;
}

export const BOOLEAN: Schema = { type: ['boolean', 'string'], oneOf: BOOLEAN_WORDS };
export const OPTIONAL_BOOLEAN: Schema = {
  alternative: (value) => value === null || BOOLEAN_WORDS.some((w) => w === value),
};
export const UUID_OR_NULL: Schema = { alternative: (value) => value === null || isUuidLike(value) };
export const TRIMMED_TEXT: Schema = { type: ['string', 'null'], trimmedLength: 255 };
export const SHORT_TEXT: Schema = { type: ['string', 'null'], maxLength: 255 };
export const METADATA: Schema = {
  type: ['object', 'null'],
  keys: /^[a-zA-Z0-9-_:. /]{1,255}$/,
  values: { type: ['string'], maxLength: 255 },
};

/** Whether Cinder takes the text for a UUID: dashes, braces and case do not count. */
export function isUuidLike(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return /^[0-9a-f]{32}$/i.test(
    value
      .replace(/^urn:/, '')
      .replace(/^uuid:/, '')
      .replace(/[{}-]/g, ''),
  );
}

function check(schema: Schema, value: unknown, path: readonly string[]): void {
  const fail = (text: string): never => {
    const field = path.at(-1);
    throw badRequest(
      field === undefined ? text : `Invalid input for field/attribute ${field}. Value: ${pythonStr(value)}. ${text}`,
    );
  };
  const shown = pythonRepr(value);
  if (schema.type && !schema.type.some((name) => isOfType(value, name))) {
    fail(`${shown} is not of type ${schema.type.map((name) => `'${name}'`).join(', ')}`);
  }
  checkObject(schema, value, path, fail);
  if (typeof value === 'string') checkText(schema, value, path, fail);
  checkNumber(schema, value, fail);
  if (schema.oneOf && !schema.oneOf.some((word) => word === value)) {
    fail(`${shown} is not one of ${pythonRepr(schema.oneOf)}`);
  }
  if (schema.alternative && !schema.alternative(value)) {
    fail(`${shown} is not valid under any of the given schemas`);
  }
}

function checkObject(schema: Schema, value: unknown, path: readonly string[], fail: (text: string) => never): void {
  if (!isOfType(value, 'object')) return;
  const entries = new Map(Object.entries(value as object));
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    if (entries.has(key)) check(inner, entries.get(key), [...path, key]);
  }
  const { keys, values } = schema;
  if (keys && values) {
    for (const [key, item] of entries) {
      if (keys.test(key)) check(values, item, [...path, key]);
    }
    const odd = [...entries.keys()].filter((key) => !keys.test(key)).sort();
    const verb = odd.length === 1 ? 'does' : 'do';
    if (odd.length > 0) {
      fail(
        `${odd.map(pythonRepr).join(', ')} ${verb} not match any of the regexes: '${keys.source.replace('\\/', '/')}'`,
      );
    }
  }
  for (const key of schema.required ?? []) {
    if (!entries.has(key)) fail(`'${key}' is a required property`);
  }
  if (!schema.closed) return;
  const extra = [...entries.keys()].filter((key) => !Object.hasOwn(schema.properties ?? {}, key)).sort();
  if (extra.length === 0) return;
  const verb = extra.length === 1 ? 'was' : 'were';
  fail(`Additional properties are not allowed (${extra.map(pythonRepr).join(', ')} ${verb} unexpected)`);
}

function checkText(schema: Schema, value: string, path: readonly string[], fail: (text: string) => never): void {
  const shown = pythonRepr(value);
  const length = Array.from(value).length;
  if (schema.trimmedLength !== undefined) {
    const trimmed = Array.from(value.trim()).length;
    if (trimmed > schema.trimmedLength) {
      throw invalidInput(`${path.at(-1)} has ${trimmed} characters, more than ${schema.trimmedLength}.`);
    }
  }
  if (schema.pattern && !schema.pattern.test(value)) fail(`${shown} does not match '${schema.pattern.source}'`);
  if (schema.minLength !== undefined && length < schema.minLength) fail(`${shown} is too short`);
  if (schema.maxLength !== undefined && length > schema.maxLength) fail(`${shown} is too long`);
}

function checkNumber(schema: Schema, value: unknown, fail: (text: string) => never): void {
  const number = typeof value === 'string' ? pythonInt(value) : value;
  if (typeof number !== 'number') return;
  if (schema.minimum !== undefined && number < schema.minimum) {
    fail(`${number} is less than the minimum of ${schema.minimum}`);
  }
  if (schema.maximum !== undefined && number > schema.maximum) {
    fail(`${number} is greater than the maximum of ${schema.maximum}`);
  }
}

function isOfType(value: unknown, name: TypeName): boolean {
  if (name === 'null') return value === null;
  if (name === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (name === 'integer') return Number.isInteger(value);
  return typeof value === name;
}
