import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { GatewayUnderTest } from './stack.ts';

/** Sends a typed document; its answer must hold no errors. */
export function ask<Data, Variables extends Record<string, unknown>>(
  gateway: GatewayUnderTest,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return gateway.data<Data>(print(document), { variables });
}
