import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** `npm run demo` as a process of its own. */
export interface Demo extends AsyncDisposable {
  /** Such as `http://localhost:4000`. */
  readonly origin: string;
}

export async function startDemo(): Promise<Demo> {
  const demo = spawn(process.execPath, ['src/demo.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, PORT: '0', SIMULATOR_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    origin: await readOrigin(demo),
    async [Symbol.asyncDispose]() {
      demo.kill('SIGTERM');
      if (demo.exitCode === null) await once(demo, 'exit');
    },
  };
}

/** The first line says where to look. */
async function readOrigin({ stdout }: ChildProcess): Promise<string> {
  if (stdout) {
    for await (const line of createInterface(stdout)) {
      const [, origin] = /(http:\S+)\/graphql/.exec(line) ?? [];
      if (origin) {
        // Whatever else the demo says is not to block it.
        stdout.resume();
        return origin;
      }
    }
  }
  throw new Error('The demo ended without a word of where it listens');
}
