import { membersOf } from '../src/block-storage/scan/members.ts';
import { createRowScanner, type RowScanner } from '../src/block-storage/scan/scanner.ts';
import { Volume } from '../src/block-storage/volume.ts';
import { expectSameList } from '../test/lists/scan.ts';
import { sampleAnswer, sampleMembers } from '../test/support/sample-answer.ts';
import { print, printRow, verdict } from './table.ts';

/*
 * The scanner of `src/block-storage/scan/` beside `JSON.parse`: whether it reads the same in every truncation of an answer,
 * and with every byte at each place of the answer; and how long both take for lists of full rows. Exit code 1 if a value
 * differs.
 *
 *   npm run scan
 */

// First, while the compiled code has seen nothing but ordinary answers.
printTimes();
print();
process.exitCode = [tryTruncations(), tryBytes()].every(Boolean) ? 0 : 1;

/** Whether the scanner agrees with `JSON.parse` on some bodies. Prints the first on which it does not. */
function agrees(what: string, bodies: Iterable<Buffer>): boolean {
  const scanner = createRowScanner(sampleMembers);
  let bodiesTried = 0;
  let scanned = 0;
  try {
    for (const body of bodies) {
      bodiesTried++;
      if (expectSameList(scanner, sampleMembers, body, 'volumes')) scanned++;
    }
  } catch (error) {
    return verdict(false, `${what}: body ${bodiesTried}: ${String(error)}`);
  }
  return verdict(true, `${what}: ${bodiesTried} bodies, of which ${scanned} were scanned`);
}

function tryTruncations(): boolean {
  return agrees(
    'every truncation',
    Array.from({ length: sampleAnswer.length }, (_, end) => sampleAnswer.subarray(0, end)),
  );
}

function tryBytes(): boolean {
  return agrees('every byte at each place', damagedAnswers());
}

function* damagedAnswers(): Iterable<Buffer> {
  const body = Buffer.from(sampleAnswer);
  for (const [at, right] of sampleAnswer.entries()) {
    for (let byte = 0; byte < 256; byte++) {
      body[at] = byte;
      yield body;
    }
    body[at] = right;
  }
}

/** Prints the microseconds that a list takes, by number of rows and by members that are read of each row. */
function printTimes(): void {
  const members = membersOf(Volume);
  const scanner = createRowScanner(['id', ...members]);
  const reads = { nothing: [], '5 members': ['id', 'name', 'status', 'size', 'created_at'], 'all members': members };
  printRow(['rows', 'read', 'JSON.parse', 'scan', 'ratio'], 14);
  for (const rows of [1, 100, 1000]) {
    for (const [what, read] of Object.entries(reads)) {
      const { parse, scan } = measure(scanner, listOf(rows), read, Math.ceil(2000 / rows));
      printRow([`${rows}`, what, `${parse.toFixed(1)} µs`, `${scan.toFixed(1)} µs`, (scan / parse).toFixed(2)], 14);
    }
  }
}

/** The median of interleaved rounds. */
function measure(scanner: RowScanner, body: Buffer, read: readonly string[], repeats: number) {
  const parse: number[] = [];
  const scan: number[] = [];
  for (let round = 0; round < 41; round++) {
    parse.push(microseconds(repeats, () => readAll(JSON.parse(body.toString()).volumes, read)));
    scan.push(microseconds(repeats, () => readAll(scanner.scanList(body, 'volumes')?.rows ?? [], read)));
  }
  return { parse: median(parse), scan: median(scan) };
}

function microseconds(repeats: number, run: () => unknown): number {
  const start = performance.now();
  for (let time = 0; time < repeats; time++) run();
  return (1000 * (performance.now() - start)) / repeats;
}

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

/** The number of values that are not empty, so that each value is used. */
function readAll(rows: readonly Readonly<Record<string, unknown>>[], members: readonly string[]): number {
  let full = 0;
  for (const row of rows) for (const member of members) if (row[member]) full++;
  return full;
}

/** Volumes as Cinder writes them, with white space after commas and colons. */
function listOf(rows: number): Buffer {
  const tenant = '6cdebe3eb0094910bc41f1d42ebe4cb7';
  const volumes = Array.from({ length: rows }, (_, index) => {
    const id = `17975e9d-1533-40db-bd02-${String(index).padStart(12, '0')}`;
    const href = `https://kr1-api-block-storage.infrastructure.cloud.toast.com/v2/${tenant}/volumes/${id}`;
    return {
      attachments: [],
      links: [
        { href, rel: 'self' },
        { href, rel: 'bookmark' },
      ],
      availability_zone: 'kr-pub-a',
      encrypted: false,
      'os-volume-replication:extended_status': null,
      volume_type: 'General HDD',
      snapshot_id: null,
      id,
      size: 1 + (index % 100),
      user_id: '5e6524d826084188ae549815b3e33380',
      'os-vol-tenant-attr:tenant_id': tenant,
      metadata: index % 3 === 0 ? { purpose: 'database' } : {},
      status: 'available',
      description: null,
      multiattach: false,
      source_volid: null,
      consistencygroup_id: null,
      name: `volume-${index}`,
      bootable: 'false',
      created_at: '2018-12-18T05:43:12.000000',
      'os-volume-replication:driver_data': null,
      replication_status: 'disabled',
    };
  });
  const json = JSON.stringify({ volumes });
  return Buffer.from(json.replaceAll(/([,:])(?=["{[nft\d])(?<!\d:)/g, '$1 '));
}
