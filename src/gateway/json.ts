import type { ExecutionResult, GraphQLError } from 'graphql';
import { isWritten } from '../plugins/operation-result.ts';

/** A result as JSON. What errors say to the HTTP layer alone is left out. */
export function jsonOf(result: ExecutionResult): string {
  const errors = result.errors?.map(shownError);
  if (!isWritten(result)) return JSON.stringify(errors ? { ...result, errors } : result);
  const { text, extensions } = result;
  const before = errors ? `"errors":${JSON.stringify(errors)},` : '';
  const after = extensions ? `,"extensions":${JSON.stringify(extensions)}` : '';
  return `{${before}"data":${text}${after}}`;
}

function shownError(error: GraphQLError): object {
  if (!error.extensions.http) return error;
  const { http: _http, ...extensions } = error.extensions;
  const { extensions: _all, ...shown } = error.toJSON();
  return Object.keys(extensions).length > 0 ? { ...shown, extensions } : shown;
}
