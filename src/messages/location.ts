import { GraphQLError, type Source } from 'graphql';

/*
 * graphql-js finds the line of an error by reading the document up to it, for each error and each copy of one. A document
 * can have half a million lines, and a list a hundred thousand errors. So a document loses its text once it is parsed:
 * its tokens know their lines.
 */

/** Makes errors in a parsed document cheap: graphql-js gives them wrong locations at once, and `located` the right ones. */
export function dropText(source: Source): void {
  source.body = '';
}

/** A copy of an error with the lines and columns of its nodes, and without its cause, whose stack would be copied too. */
export function located({ nodes, source, positions, path, extensions }: GraphQLError, message: string): GraphQLError {
  const tokens = nodes?.flatMap(({ loc }) => loc?.startToken ?? []) ?? [];
  const copy = new GraphQLError(message, { nodes, source, positions, path, extensions });
  if (tokens.length === 0) return copy;
  return Object.assign(copy, { locations: tokens.map(({ line, column }) => ({ line, column })) });
}
