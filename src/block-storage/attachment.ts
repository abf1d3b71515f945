import type { Region } from '../regions.ts';
import { decodeObjects, decodeText, decodeUuid, type Wire } from './decode.ts';
import type { RowSource } from './row.ts';

/** One attachment of a volume to a server (guide, "List Block Storage Details", `volumes.attachments`). */
export type Attachment = Readonly<ReturnType<typeof decodeAttachment>>;

/** Null when the value is not a list. An attachment without a usable id is left out. */
export function decodeAttachments(
  value: unknown,
  volumeUuid: string,
  { region, warn }: RowSource,
): readonly Attachment[] | null {
  if (!Array.isArray(value)) return null;
  const attachments: Attachment[] = [];
  for (const wire of decodeObjects(value)) {
    const uuid = decodeUuid(wire.attachment_id);
    if (uuid === null) warn(`volume ${volumeUuid}: an attachment without a usable id was left out`);
    else attachments.push(decodeAttachment(wire, uuid, volumeUuid, region));
  }
  return attachments;
}

function decodeAttachment(wire: Wire, uuid: string, volumeUuid: string, region: Region) {
  return {
    region,
    /** `attachment_id`; the wire's own `id` is the volume's (FACTS 13). */
    uuid,
    /** Device name inside the server. */
    device: decodeText(wire.device),
    volumeUuid,
    serverUuid: decodeUuid(wire.server_id),
  };
}
