import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { preset } from '@graphql-codegen/client-preset';
import { postOf } from '../support/post.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* A manifest as the code generator writes it, and a gateway that knows its documents. */

export let folder: string;
/** As the code generator writes it. */
let manifest: string;
let documents: Record<string, string>;

export async function writeManifest(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'persisted-'));
  const source = join(folder, 'console.graphql');
  await writeFile(
    source,
    `query Names($first: Int = 5) { region(code: KR1) { volumes(first: $first) { nodes { name status } } } }
     mutation Create { createVolume(input: { region: KR1, size: 1 }) { volume { status } } }
     subscription Follow($id: ID!) { volumeUpdated(id: $id, until: [AVAILABLE]) { status } }`,
  );
  await generate({
    schema: 'schema/schema.graphql',
    documents: source,
    silent: true,
    generates: {
      [`${folder}/generated/`]: {
        preset,
        presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
        // Ours are no browser's files.
        config: { emitLegacyCommonJSImports: false },
      },
    },
  });
  manifest = join(folder, 'generated/persisted-documents.json');
  documents = JSON.parse(await readFile(manifest, 'utf8'));
}

export function removeManifest(): Promise<void> {
  return rm(folder, { recursive: true });
}

export function idOf(name: string): string {
  const [id = 'missing'] = Object.entries(documents).find(([, document]) => document.includes(name)) ?? [];
  return id.replace('sha256:', '');
}

export async function startWith(environment: Record<string, string> = {}): Promise<Stack> {
  const stack = await startStack({ environment: { PERSISTED_DOCUMENTS: manifest, ...environment } });
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'named', status: 'available' });
  return stack;
}

export async function post(stack: Stack, body: object, more: Record<string, string> = {}) {
  const { status, text } = await stack.fetch('/graphql', postOf(body, more));
  return { status, answer: JSON.parse(text) };
}

export const named = { data: { region: { volumes: { nodes: [{ name: 'named', status: 'AVAILABLE' }] } } } };
