import type { Region } from '../regions.ts';
import { decodeObjects, decodeText, decodeUuid } from './decode.ts';

/** One attachment of a volume to a server (guide, "List Block Storage Details", `volumes.attachments`). */
export interface Attachment {
  readonly region: Region;
  /** `attachment_id`; the wire's own `id` is the volume's (FACTS 13). */
  readonly uuid: string;
  /** Device name inside the server. */
  readonly device: string | null;
  readonly volumeUuid: string;
  readonly serverUuid: string | null;
}

/** Null when the value is no list; an attachment without a usable id is left out. */
export function decodeAttachments(
  value: unknown,
  volumeUuid: string,
  region: Region,
  warn: (message: string) => void,
): readonly Attachment[] | null {
  if (!Array.isArray(value)) return null;
  const attachments: Attachment[] = [];
  for (const wire of decodeObjects(value)) {
    const uuid = decodeUuid(wire.attachment_id);
    if (uuid === null) {
      warn(`volume ${volumeUuid}: an attachment without a usable id was left out`);
      continue;
    }
    attachments.push({
      region,
      uuid,
      device: decodeText(wire.device),
      volumeUuid,
      serverUuid: decodeUuid(wire.server_id),
    });
  }
  return attachments;
}
