/** Every `extensions.code` of the gateway: what it means, and what a caller can do. The README prints this table. */
export const errorCodes = {
  UNAUTHENTICATED: {
    meaning: 'There is no token, or the region does not know it, or it has expired.',
    remedy: 'Send a valid token as X-Auth-Token.',
  },
  FORBIDDEN: {
    meaning: 'The token is valid, but the region does not allow the operation.',
    remedy: 'Ask for the role it needs.',
  },
  TENANT_REQUIRED: {
    meaning: 'There is a token but no tenant.',
    remedy: 'Send the tenant id as X-Tenant-Id.',
  },
  TENANT_MISMATCH: {
    meaning: 'The token was issued for another tenant, or the object belongs to another tenant.',
    remedy: 'Send the tenant that belongs to the token.',
  },
  BAD_USER_INPUT: {
    meaning: 'A header, an argument or an input is not valid.',
    remedy: 'Mend what the message names.',
  },
  NOT_FOUND: {
    meaning: 'The object to work on does not exist, or is another tenant’s.',
    remedy: 'Check the id and the region.',
  },
  CONFLICT: {
    meaning: 'The object is in a state that does not allow the operation.',
    remedy: 'Wait for the state to change, or remove what holds it.',
  },
  QUOTA_EXCEEDED: {
    meaning: 'The tenant’s quota is used up.',
    remedy: 'Delete something, or have the quota raised.',
  },
  RATE_LIMITED: {
    meaning: 'The region asks for fewer requests.',
    remedy: 'Wait retryAfter seconds, then try again.',
  },
  PAYLOAD_TOO_LARGE: {
    meaning: 'The request is too large, for the gateway or for the region.',
    remedy: 'Send less at once.',
  },
  UPSTREAM_ERROR: {
    meaning: 'The region answered with an error of its own, or with something that is not a response of its API.',
    remedy:
      'Try again later; after a write check first whether it was carried out (outcomeUnknown). Give the operator upstream.requestId.',
  },
  UPSTREAM_TIMEOUT: {
    meaning: 'The region did not answer in time.',
    remedy: 'Try again; after a write look first (outcomeUnknown).',
  },
  UPSTREAM_UNAVAILABLE: {
    meaning:
      'The region cannot be reached, broke off its answer, or is not asked for some seconds because calls failed.',
    remedy:
      'Wait retryAfter seconds where they are given, else try again later; after a write look first (outcomeUnknown).',
  },
  OVERLOADED: {
    meaning: 'The gateway has too much to do.',
    remedy: 'Wait retryAfter seconds, then try again.',
  },
  QUERY_TOO_COMPLEX: {
    meaning: 'The query asks for more than the gateway reads for one request.',
    remedy: 'Ask for less at once, as the message says.',
  },
  INTERNAL_SERVER_ERROR: {
    meaning: 'A fault of the gateway.',
    remedy: 'Give the operator the request id.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** The codes of requests that are refused before anything is executed, named as other GraphQL servers name them. */
export const requestErrorCodes = {
  BAD_REQUEST: {
    meaning: 'The request is not well-formed, or its method is wrong.',
    remedy: 'Send JSON with query as a string and variables as an object.',
  },
  GRAPHQL_PARSE_FAILED: {
    meaning: 'The document has a syntax error.',
    remedy: 'Correct the document where the message says.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: 'The document does not fit the schema.',
    remedy: 'Compare it with the schema.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    meaning: 'The document has no operation, or several and operationName selects none.',
    remedy: 'Send operationName.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: 'No persisted document has this id.',
    remedy: 'Send the document itself, or publish the manifest.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    meaning: 'Persisted documents are not configured.',
    remedy: 'Send the document itself.',
  },
  PERSISTED_QUERY_ONLY: {
    meaning: 'The gateway executes only persisted documents.',
    remedy: 'Send the id of one of them.',
  },
} as const satisfies Record<string, { meaning: string; remedy: string }>;

export type RequestErrorCode = keyof typeof requestErrorCodes;

export type AnyErrorCode = ErrorCode | RequestErrorCode;
