import fc from 'fast-check';
import { getVariableValues, parse, type ValidationRule, ValuesOfCorrectTypeRule, validate } from 'graphql';
import { expect, test } from 'vitest';
import { LiteralsOfCorrectTypeRule } from '../../src/messages/literal-rule.ts';
import { variableErrors } from '../../src/messages/variable-errors.ts';
import { schema } from '../../src/schema/index.ts';

/* What is wrong with an input is found as graphql-js finds it, whose messages repeat the value: the same mistakes in the same places. */

const types = [
  'VolumeFilter',
  '[VolumeOrder!]',
  'CreateVolumeInput!',
  'DeleteVolumesInput',
  '[ID!]!',
  'JSONObject',
  'Int',
];

const texts = ['x', 'KR1', 'ERROR', 'name', '17975e9d-1533-40db-bd02-2072cd2ccb7f', '2018-12-18T05:43:12Z'];
const words = ['KR1', 'ERROR', 'NAME', 'ASC', 'x'];
const keys = ['uuids', 'status', 'name', 'sizeMin', 'createdAfter', 'metadata', 'attached', 'field', 'direction'];
const moreKeys = ['region', 'size', 'encryption', 'appKey', 'keyId', 'ids', 'x', '__proto__', 'constructor'];

const key = fc.constantFrom(...keys, ...moreKeys);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...texts, null, true, false, 7, -1, 1.5, 2 ** 31, ''),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}));

const { literal } = fc.letrec<{ literal: string }>((tie) => ({
  literal: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      ...texts.map((text) => JSON.stringify(text)),
      ...words,
      'null',
      'true',
      '7',
      '1.5',
      '3000000000',
      '$w',
    ),
    fc.array(tie('literal'), { maxLength: 4 }).map((items) => `[${items.join(' ')}]`),
    fc
      .array(fc.tuple(key, tie('literal')), { maxLength: 5 })
      .map((fields) => `{ ${fields.map(([name, text]) => `${name}: ${text}`).join(' ')} }`),
  ),
}));

/** ` at .a[0]` of graphql-js and ` at "a[0]"` of ours as `a[0]`. */
function placeIn(message: string): string {
  const [, quoted, plain = ''] = / at (?:"([^"]+)"|\.?([\w.[\]]+)):/.exec(message.slice(0, 200)) ?? [];
  return quoted ?? plain;
}

test('of values of variables the same mistakes are found', () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), value, (type, v) => {
      const [operation] = parse(`query($v: ${type}) { __typename }`).definitions;
      if (operation?.kind !== 'OperationDefinition') throw new Error('an operation was expected');
      const { variableDefinitions = [] } = operation;
      const { errors = [] } = getVariableValues(schema, variableDefinitions, { v });
      if (errors.length === 0 || errors.length > 10) return;
      const ours = variableErrors(schema, variableDefinitions, { v }, false);
      expect(ours.map(({ message }) => placeIn(message))).toEqual(errors.map(({ message }) => placeIn(message)));
    }),
    { numRuns: 2000 },
  );
});

const fields = [
  (text: string) => `query($w: Int) { volumes(filter: ${text}) { __typename } }`,
  (text: string) => `query($w: Int) { volumes(orderBy: ${text}) { __typename } }`,
  (text: string) => `query($w: Int) { volumes(regions: ${text}, first: ${text}) { __typename } }`,
  (text: string) => `mutation($w: Int) { createVolume(input: ${text}) { __typename } }`,
  (text: string) => `query($w: VolumeFilter = ${text.replaceAll('$w', '1')}) { __typename @skip(if: ${text}) }`,
];

test('of literals the same mistakes are found, at the same places of the document', () => {
  const placesBy = (rule: ValidationRule, query: string) =>
    validate(schema, parse(query), [rule], { maxErrors: 1000 }).map(({ locations }) => locations);
  fc.assert(
    fc.property(fc.constantFrom(...fields), literal, (write, text) => {
      const query = write(text);
      expect(placesBy(LiteralsOfCorrectTypeRule, query)).toEqual(placesBy(ValuesOfCorrectTypeRule, query));
    }),
    { numRuns: 2000 },
  );
});
