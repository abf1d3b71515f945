import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInfoLine, createLogger } from '../../src/telemetry/logger.ts';

test('of an error only name, code, message, stack and causes are logged: other properties may hold raw requests', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const cause = Object.assign(new TypeError('inner'), { rawPacket: Buffer.from('X-Auth-Token: secret-in-packet') });
  const error = Object.assign(new Error('outer', { cause }), {
    code: 'ECONNRESET',
    headers: { token: 'secret-in-headers' },
  });
  logger.error({ error }, 'failed');
  logger.error({ error: 'no error at all' });
  const [line = '', other = ''] = lines;
  expect(JSON.parse(line).error).toEqual({
    name: 'Error',
    code: 'ECONNRESET',
    message: 'outer',
    stack: expect.stringContaining('outer'),
    cause: { name: 'TypeError', message: 'inner', stack: expect.stringContaining('inner') },
  });
  expect(line).not.toMatch(/secret|rawPacket|headers/);
  expect(JSON.parse(other).error).toEqual({ message: 'no error at all' });
});

test('the line of a request is byte for byte the line that the logger would write', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const writeLine = createInfoLine(logger);
  const anything = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(anything, fc.string(), (line, message) => {
      lines.length = 0;
      logger.info({ requestId: 'some', traceId: undefined, ...line }, message);
      writeLine({ requestId: 'some', traceId: undefined, ...line }, message);
      const [expected, written] = lines.map((text) => text.replace(/"time":\d+/, '"time":0'));
      expect(written).toBe(expected);
    }),
  );
});

test('the line of a request is left out if the level of the log is higher', () => {
  const lines: string[] = [];
  const writeLine = createInfoLine(createLogger('warn', { write: (line) => void lines.push(line) }));
  writeLine({ requestId: 'some' }, 'request');
  expect(lines).toEqual([]);
});
