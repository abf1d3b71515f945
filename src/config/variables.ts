import type { Variable } from './environment.ts';
import { limitVariables } from './limit-variables.ts';
import { regionVariables } from './region-variables.ts';
import { settings } from './settings.ts';

/** Every variable of the gateway. */
export const variables: Readonly<Record<string, Variable>> = { ...regionVariables, ...settings, ...limitVariables };
