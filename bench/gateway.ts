import { setImmediate } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { readConfig } from '../src/config/read-config.ts';
import { startServer } from '../src/http/server.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { answerParent } from './process.ts';

/*
 * The gateway as in production, in a process of its own that tells what it holds. Started with --expose-gc by watch.ts,
 * which it tells its URL.
 */

/** What is left in the gateway once everything was collected that can be. */
export interface GatewayUse {
  readonly heapBytes: number;
  /** What keeps the process, by kind: `TCPSocketWrap`, `Timeout` … */
  readonly resources: Readonly<Record<string, number>>;
}

/** The same with what takes long to find out: a second or more, in which the gateway answers nothing. */
export interface GatewayState extends GatewayUse {
  /**
   * Objects that are alive, by class: also sockets and timers that would not keep the process. Listeners of signals and
   * sockets cannot be counted, but what holds them can.
   */
  readonly objects: Readonly<Record<string, number>>;
  /** Listeners of `process` itself. */
  readonly listeners: number;
  /** What node has warned of, such as too many listeners. */
  readonly warnings: readonly string[];
  /** The first lines that were logged as errors: faults of the gateway. */
  readonly faults: readonly string[];
}

const warnings: string[] = [];
process.on('warning', ({ name, stack }) => {
  // That one is of the way in which objects are counted.
  if (name !== 'ExperimentalWarning') warnings.push(String(stack));
});

const faults: string[] = [];
const keepFault = (line: string) => {
  if (/"level":[56]0/.test(line) && faults.length < 10) faults.push(line);
};

const timer = setTimeout(() => {}, 0);
clearTimeout(timer);
const { Socket } = await import('node:net');
const { IncomingMessage, ServerResponse } = await import('node:http');
const classes: Readonly<Record<string, unknown>> = {
  Timeout: timer.constructor,
  AbortSignal,
  Socket,
  IncomingMessage,
  ServerResponse,
};

async function use(): Promise<GatewayUse> {
  for (let time = 0; time < 2; time++) {
    globalThis.gc?.();
    // What waits for a collection to be over gets its turn.
    await setImmediate();
  }
  return { heapBytes: process.memoryUsage().heapUsed, resources: count(process.getActiveResourcesInfo()) };
}

async function state(): Promise<GatewayState> {
  return {
    ...(await use()),
    objects: Object.fromEntries(
      // Its type wants a constructor, which the class of timers does not give away.
      Object.entries(classes).map(([name, type]) => [name, queryObjects(type as never, { format: 'count' })]),
    ),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    warnings,
    faults,
  };
}

function count(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Map.groupBy(names, (name) => name)
      .entries()
      .map(([name, all]) => [name, all.length]),
  );
}

const config = readConfig(process.env);
const server = await startServer(config, createLogger(config.logLevel, { write: keepFault }));
answerParent(server.url, { use, state });
