/** How long a test waits for what comes in a moment on a machine that is not busy. For `vi.waitFor`. */
export const patience = { timeout: 15_000 };
