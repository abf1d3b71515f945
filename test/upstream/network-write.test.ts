import { describe, expect, test } from 'vitest';
import { namesOf, startFaultyRegion } from '../support/faulty-region.ts';
import {
  ask,
  create,
  errorOf,
  expectAttempts,
  expectRecovery,
  idsOf,
  isRight,
  list,
  lookFirst,
  newestFirst,
  remove,
  sentence,
  troubles,
} from './network.ts';

/*
 * What comes of a write when the network between the gateway and one region, kr1, fails: it is sent once, and its error
 * says whether it may have been carried out.
 */

describe('createVolume is sent once, and says that its outcome is unknown where it may have been carried out', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const { data, errors } = await ask(region, trouble, create);
    const right = isRight(trouble, 'create');
    expect(data).toEqual({ createVolume: right ? { volume: { name: 'new' } } : null });
    expect(errors).toEqual(right ? undefined : [errorOf(trouble, 'create', ['createVolume'])]);
    expectAttempts(region, trouble, 'POST', 1);
    expect(region.names()).toEqual([...namesOf('kr1'), ...(trouble.arrives === true ? ['new'] : [])]);
    await expectRecovery(region, trouble);
  });
});

describe('deleteVolumes sends each deletion once, and tells of each what may have come of it', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const ids = idsOf(region);
    const { data, errors } = await ask(region, trouble, remove, { ids });
    expect(errors).toBeUndefined();
    const { code, outcomeUnknown, arrives } = trouble;
    const message = outcomeUnknown ? lookFirst : sentence;
    const done = { deletedVolumeId: expect.any(String), error: null };
    const failed = { deletedVolumeId: null, error: { code, region: { code: 'KR1' }, outcomeUnknown, message } };
    const left = idsOf(region);
    expect(data.deleteVolumes.results).toEqual(
      ids.map((id) => ({
        givenId: id,
        // Which of them meets a connection that holds is chance.
        ...(isRight(trouble, 'delete') || (arrives === 'by turns' && !left.includes(id)) ? done : failed),
      })),
    );
    expect(left).toHaveLength({ true: 0, false: 3, 'by turns': 2 }[`${arrives}`]);
    expectAttempts(region, trouble, 'DELETE', ids.length);
    await expectRecovery(region, trouble);
  });
});

describe('a write whose answer is lost has been carried out once', () => {
  test('a volume is there once, the error says to look, and looking finds it', async () => {
    await using region = await startFaultyRegion();
    await region.proxy.use('resetBeforeHeaders', 1);
    const { errors } = await region.gateway.query(create);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'UPSTREAM_UNAVAILABLE', region: 'KR1', outcomeUnknown: true },
    ]);
    expect(errors?.[0]?.message).toEqual(lookFirst);
    expect(region.names()).toEqual([...namesOf('kr1'), 'new']);
    const looked = await region.gateway.data(list);
    expect(looked.region.volumes.nodes).toEqual(newestFirst([...namesOf('kr1'), 'new']));
    expect(region.arrived()).toEqual(['POST', 'GET']);
  });

  test('of many deletions only the one whose answer is lost is unknown, and all are done', async () => {
    await using region = await startFaultyRegion();
    await region.proxy.use('cut', 1);
    const { deleteVolumes } = await region.gateway.data(remove, { variables: { ids: idsOf(region) } });
    expect(deleteVolumes.results).toHaveLength(3);
    expect(deleteVolumes.results.flatMap(({ error }: { error: object | null }) => error ?? [])).toEqual([
      { code: 'UPSTREAM_UNAVAILABLE', region: { code: 'KR1' }, outcomeUnknown: true, message: lookFirst },
    ]);
    expect(region.names()).toEqual([]);
    expect(region.arrived()).toEqual(['DELETE', 'DELETE', 'DELETE']);
  });
});
