import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { callsPerRequestCeiling, limitNames, queryLimits, variableOf } from '../src/config/query-limits.ts';
import { settings } from '../src/config/settings.ts';
import { variables } from '../src/config/variables.ts';
import { errorCodes, requestErrorCodes } from '../src/errors/codes.ts';
import { defaultEndpoints } from '../src/regions.ts';
import { layerRows, layerRules } from './layer-rules.ts';
import { schemaReference } from './schema-reference.ts';

/** The README with its tables generated from the code. `npm run docs` writes it; a test fails if it is out of date. */
export function withTables(readme: string): string {
  const errors = Object.entries({ ...errorCodes, ...requestErrorCodes }).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  const ofLimits = limitNames.map(variableOf);
  const others = Object.entries(variables).filter(([name]) => !ofLimits.includes(name));
  const configuration = others.map(([name, { fallback, meaning }]) => {
    const shown = fallback === defaultEndpoints ? 'the guide’s three' : fallback && `\`${fallback}\``;
    return `| \`${name}\` | ${shown} | ${meaning} |`;
  });
  const number = (value: number | string) => Number(value).toLocaleString('en');
  const limits = limitNames.map((limit) => {
    const { most, ceiling, counts } = queryLimits[limit];
    return `| ${counts} | ${number(most)} | \`${variableOf(limit)}\` | ${number(ceiling)} |`;
  });
  const { fallback } = settings.UPSTREAM_CALLS_PER_REQUEST;
  const callsMade = `| REST calls as they are made, retries included | ${number(fallback)} | \`UPSTREAM_CALLS_PER_REQUEST\` | ${number(callsPerRequestCeiling)} |`;
  const tables: Record<string, string[]> = {
    layers: ['| in `src/` | is |', '| --- | --- |', ...layerRows()],
    errors: ['| `extensions.code` | meaning | what to do |', '| --- | --- | --- |', ...errors],
    configuration: ['| variable | default | meaning |', '| --- | --- | --- |', ...configuration],
    limits: [
      '| of a query | at most | variable | its largest value |',
      '| --- | --: | --- | --: |',
      ...limits,
      callsMade,
    ],
  };
  return readme.replace(
    /(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) =>
      [begin, ...(tables[name] ?? []).map((line) => `${line}\n`), end].join(''),
  );
}

/** A page with the current text of the files that it shows. `npm run docs` writes the page; a test fails if it is out of date. */
export function withFiles(page: string): string {
  return page.replace(
    /(<!-- file: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, path: string, end: string) => {
      const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
      return `${begin}\`\`\`ts\n${text}\`\`\`\n${end}`;
    },
  );
}

export const readmeFile = new URL('../README.md', import.meta.url);

export const schemaPage = new URL('../docs/schema.md', import.meta.url);

export const resourcePage = new URL('../docs/adding/resource.md', import.meta.url);

export const layerRulesFile = new URL('../biome.layers.json', import.meta.url);

export function readSchema(): GraphQLSchema {
  return buildSchema(readFileSync(new URL('../schema/schema.graphql', import.meta.url), 'utf8'));
}

if (import.meta.main) {
  writeFileSync(readmeFile, withTables(readFileSync(readmeFile, 'utf8')));
  writeFileSync(schemaPage, schemaReference(readSchema()));
  writeFileSync(resourcePage, withFiles(readFileSync(resourcePage, 'utf8')));
  writeFileSync(layerRulesFile, `${JSON.stringify(layerRules(), null, 2)}\n`);
}
