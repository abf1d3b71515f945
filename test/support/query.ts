import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { GatewayUnderTest, GraphQLAnswer, RequestOptions } from './stack.ts';

type Options<Variables> = Omit<RequestOptions, 'variables'> & { readonly variables: Variables };

/** Sends a typed document; its answer must hold no errors. */
export function ask<Data, Variables extends Record<string, unknown>>(
  gateway: GatewayUnderTest,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return gateway.data<Data>(print(document), { variables });
}

/** Sends a typed document, whatever comes of it. */
export function tell<Data, Variables extends Record<string, unknown>>(
  gateway: GatewayUnderTest,
  document: TypedDocumentNode<Data, Variables>,
  options: Options<Variables>,
): Promise<GraphQLAnswer<Data>> {
  return gateway.query<Data>(print(document), options);
}
