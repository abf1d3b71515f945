import { expect, test } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';

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
