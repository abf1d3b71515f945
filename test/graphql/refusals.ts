import { type CannedAnswer, type CannedUpstream, startCanned } from '../support/canned.ts';
import { type GatewayUnderTest, startGateway } from '../support/stack.ts';

/*
 * A region and a gateway over it, queries of the region and its refusals: as a real Cinder, an older one or a proxy in
 * front gives them.
 */

export let upstream: CannedUpstream;
export let gateway: GatewayUnderTest;
let answer: CannedAnswer;

export async function startRegion(): Promise<void> {
  upstream = await startCanned(() => answer);
  gateway = await startGateway({ kr1: upstream.endpoint });
}

export async function stopRegion(): Promise<void> {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
}

/** Has the region give this answer from now on. */
export function answerWith(canned: CannedAnswer): void {
  answer = canned;
}

export const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';

export const read = `{ result: volume(id: "${uuid}", region: KR1) { status } }`;
export const list = '{ region(code: KR1) { result: volumes { nodes { status } } } }';
export const remove = `mutation { result: deleteVolume(input: { id: "${uuid}", region: KR1 }) { deletedVolumeId } }`;
export const create = 'mutation { result: createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
export const upload = `mutation { result: uploadVolumeToImage(input: { volumeId: "${uuid}", region: KR1, imageName: "i" }) { image { imageId } } }`;

export const fault = (
  status: number,
  name: string,
  message: string,
  headers?: Record<string, string>,
): CannedAnswer => ({
  status,
  body: { [name]: { code: status, message } },
  ...(headers ? { headers } : {}),
});
export const html = (status: number, text: string): CannedAnswer => ({
  status,
  body: `<html><body>${text}</body></html>`,
});
export const unauthorized = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
};
export const conflict =
  'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.';
export const glance =
  "Connection to glance failed: Error finding address for http://127.0.0.1:19292/v2/schemas/image: HTTPConnectionPool(host='127.0.0.1', port=19292): Max retries exceeded";
