/** What the names of everything that the load makes begin with. */
export const madePrefix = 'soak-';

/** How long the gateway is allowed to take, in milliseconds: short, so that hanging regions let go of it soon. */
export const timeouts = { request: 2000, upstream: 1000 };
