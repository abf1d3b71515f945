import { GraphQLError } from 'graphql';

/** The error of a subscription whose client accepts no events. */
export function eventsNeeded(): GraphQLError {
  return new GraphQLError('A subscription is answered in server-sent events. Accept text/event-stream.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 406, spec: true } },
  });
}
