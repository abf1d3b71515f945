import { afterEach, expect, test } from 'vitest';
import { newestFirst, page, refused, rows, start, stop, walk } from './old-upstream.ts';

/* Upstreams whose pages are cut or whose markers do not lead on: a list comes whole all the same, or the region fails. */

afterEach(stop);

test('a list that is cut at the maximum and does not go on fails; it is never served short', async () => {
  const gateway = await start((query, noun) =>
    query.has('sort') ? refused : page(rows, new URLSearchParams(), noun, 7),
  );
  for (const field of [
    'snapshots { nodes { id } }',
    'volumes(orderBy: [{ field: SIZE }]) { nodes { status } }',
    'storageSummary { total { count } }',
  ]) {
    const { data, errors } = await gateway.query(`{ list: ${field} }`);
    expect(data).toEqual({ list: null });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'UPSTREAM_ERROR', region: 'KR1' }]);
  }
});

test('a list of just the maximum, without a link, is asked for more before it is taken as whole', async () => {
  const many = Array.from({ length: 1000 }, (_, index) => ({
    ...rows[0],
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  }));
  const cut = await start((query, noun) => (query.has('sort') ? refused : { body: { [noun]: many } }));
  const { errors } = await cut.query('{ snapshots { nodes { id } } }');
  expect(errors?.[0]?.extensions?.code).toBe('UPSTREAM_ERROR');
});

test('a marker that is deleted while a page is put together is replaced by the row before it', async () => {
  const [gone, rest] = [newestFirst[6]?.id, newestFirst.filter((_, index) => index !== 6)];
  const gateway = await start((query, noun) => {
    const marker = query.get('marker');
    if (marker === null) return page(newestFirst, query, noun, 7);
    if (marker === gone) return { status: 404, body: { itemNotFound: { code: 404, message: 'no such marker' } } };
    return page(rest, query, noun, 7);
  });
  expect(await walk(gateway, 'volumes', 50, 'CREATED_AT, direction: DESC')).toEqual(newestFirst.map(({ id }) => id));
});

test('the marker is taken out of the next link, also when the last row has no usable id', async () => {
  const gateway = await start((query, noun) => {
    const answer = page(newestFirst, query, noun, 7);
    const body = answer.body as Record<string, { id: string }[]>;
    return { body: { ...body, [noun]: body[noun]?.map((row, index) => (index === 6 ? { ...row, id: 'odd' } : row)) } };
  });
  const seen = await walk(gateway, 'volumes', 50, 'CREATED_AT, direction: DESC');
  expect(seen).toEqual(newestFirst.filter((_, index) => index % 7 !== 6).map(({ id }) => id));
});

test('rows that cannot be used end no list: the last of a full page without a link, or all of a page', async () => {
  const odd = { ...rows[0], id: 'odd' };
  const listed = [...newestFirst.slice(0, 6), odd, ...newestFirst.slice(6, 9), odd, odd, odd, ...newestFirst.slice(9)];
  const gateway = await start((query, noun) => {
    const marker = query.get('marker');
    const index = listed.findLastIndex(({ id }) => id === marker);
    // Behind a marker the odd rows that follow it have been given with it already.
    const begin = marker === null ? 0 : index + 1 + listed.slice(index + 1).findIndex(({ id }) => id !== 'odd');
    return {
      body: {
        [noun]: listed.slice(begin, begin + Math.min(7, Number(query.get('limit') ?? 7))),
        [`${noun}_links`]:
          begin + 7 < listed.length
            ? [
                {
                  rel: 'next',
                  href: `?marker=${listed.slice(begin, begin + 7).findLast(({ id }) => id !== 'odd')?.id}`,
                },
              ]
            : [],
      },
    };
  });
  const seen = await walk(gateway, 'volumes', 50, 'CREATED_AT, direction: DESC');
  expect(seen).toEqual(newestFirst.map(({ id }) => id));
});
