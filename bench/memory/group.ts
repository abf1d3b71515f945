import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';

/** A cgroup, of version 1 or 2, whose processes together may have so much memory; the system ends them beyond it. */
export interface Group extends AsyncDisposable {
  readonly directory: string;
  /** The most that its processes had so far; NaN where the system does not tell. */
  peakBytes(): Promise<number>;
}

interface Place {
  readonly parent: string;
  readonly limit: string;
  readonly peak: string;
}

/** Makes a group below this process's own, else at the top; null where neither is possible. */
export async function createGroup(limitBytes: number): Promise<Group | null> {
  for (const { parent, limit, peak } of await findPlaces()) {
    const directory = `${parent}/gateway-bench-${process.pid}`;
    try {
      await mkdir(directory);
    } catch {
      continue;
    }
    const remove = () => rmdir(directory).catch(() => {});
    try {
      // Without this file the directory is not a cgroup, and the file must not be created.
      await writeFile(`${directory}/${limit}`, String(limitBytes), { flag: 'r+' });
    } catch {
      await remove();
      continue;
    }
    const peakBytes = () => readFile(`${directory}/${peak}`, 'utf8').then(Number, () => Number.NaN);
    return { directory, peakBytes, [Symbol.asyncDispose]: remove };
  }
  return null;
}

/** Where this process may make groups, by the lines of its own: `4:memory:/user` of version 1, `0::/user` of version 2. */
async function findPlaces(): Promise<Place[]> {
  const own = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const pathOf = (line: RegExp) => line.exec(own)?.[1]?.replace(/\/$/, '');
  const first = pathOf(/^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m);
  const second = pathOf(/^0::(.*)$/m);
  const below = (path: string | undefined, root: string, limit: string, peak: string) =>
    path === undefined ? [] : [root + path, root].map((parent) => ({ parent, limit, peak }));
  return [
    ...below(first, '/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.max_usage_in_bytes'),
    ...below(second, '/sys/fs/cgroup', 'memory.max', 'memory.peak'),
  ];
}
