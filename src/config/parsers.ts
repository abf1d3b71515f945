import { z } from 'zod';
import { type Manifests, readManifests } from './persisted-documents.ts';

/* What variables may say. The messages follow the name of the variable. */

/** Kubernetes sets `METRICS_PORT=tcp://10.0.0.1:9464` in a container if a Service is called `metrics`. */
export const portText = z.string().refine((text) => !/^\w+:\/\//.test(text), {
  error:
    'must be a port, but holds an address, as Kubernetes sets it for a Service: write enableServiceLinks: false in the spec of the pod, or set the port',
});

export const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);

/** Null if the variable is empty. */
export const numberOrNull = (least: number, most: number) =>
  z.union([z.literal('').transform(() => null), wholeNumber(least, most)], {
    error: `must be a whole number from ${least} to ${most}, or empty`,
  });

export const textOrNull = z.string().transform((text) => text || null);

/** The words of a list that is separated by commas. */
export function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const logLevel = z.enum(logLevels, `must be one of ${logLevels.join(', ')}`);

/** True for `enforce`. */
export const enforceOrReport = z
  .enum(['enforce', 'report'], 'must be enforce or report')
  .transform((text) => text === 'enforce');

/** A reader of the log who has a token could find a short key by brute force. Null if it is empty. */
export const auditKey = z
  .string()
  .refine(
    (key) => key === '' || key.length >= 16,
    'must have at least 16 characters: write the output of `openssl rand -hex 32`, or leave it empty',
  )
  .transform((key) => key || null);

/** The other paths that the gateway serves. */
const reservedPaths = ['/health', '/ready', '/metrics'];

export const graphqlPath = z
  .string()
  .transform((path) => path.replace(/([^/])\/$/, '$1'))
  .refine(isGraphqlPath, `must be a path such as /graphql, and none of ${reservedPaths.join(', ')}`);

function isGraphqlPath(path: string): boolean {
  const isWritten = /^\/[\w./~-]*$/.test(path) && !path.includes('//');
  return isWritten && new URL(path, 'http://gateway').pathname === path && !reservedPaths.includes(path);
}

/** Reads the manifests of a list of files; null if it names none. */
export function readManifestList(text: string, context: z.RefinementCtx): Manifests | null {
  const paths = wordsOf(text);
  if (paths.length === 0) return null;
  try {
    return readManifests(paths);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
}
