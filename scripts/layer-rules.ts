import type { Layer } from './layer.ts';
import { layers } from './layers.ts';

/** The rows of the README's table. */
export function layerRows(): string[] {
  return layers.map(({ place, subject }) => `| \`${place}\` | ${subject} |`);
}

/** The configuration of Biome that keeps the layers. */
export function layerRules(): object {
  return { root: false, overrides: layers.flatMap(rulesOf) };
}

/** A layer's rule; of a folder also that of its subfolders, which write the same imports with one step up more. */
function rulesOf(layer: Layer): object[] {
  const { place } = layer;
  if (!place.endsWith('/')) return [ruleOf(layer, `src/${place}`, [], './')];
  return [
    ruleOf(layer, `src/${place}*`, ['!./**'], '../'),
    ruleOf(layer, `src/${place}*/**`, ['!./**', '!../**', '../../**'], '../../'),
  ];
}

/**
 * @param own the patterns of the layer's own files; the last pattern that matches an import decides.
 * @param up the way from a file to `src/`.
 */
function ruleOf(layer: Layer, files: string, own: readonly string[], up: string): object {
  const others = [
    ...layer.imports.map((place) => up + place + (place.endsWith('/') ? '**' : '')),
    ...layer.packages.flatMap((name) => (name === 'node:*' ? ['node:*', 'node:*/**'] : [name])),
  ];
  const named = [...layer.imports, ...layer.packages].join(', ') || 'nothing';
  const message = `src/${layer.place} may import ${named}. See scripts/layers.ts.`;
  const exceptions = Object.entries(layer.except ?? {}).map(([place, name]) => ({
    group: [up + place],
    importNamePattern: name,
    message: `Of ${place} everything but ${name}. See scripts/layers.ts.`,
  }));
  const patterns = [{ group: ['**', ...own, ...others.map((pattern) => `!${pattern}`)], message }, ...exceptions];
  return {
    includes: [files],
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } },
  };
}
