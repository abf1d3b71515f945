import { type Client, segment, type Writer } from './client.ts';
import { decodeInteger, decodeName, decodeText, decodeTime, decodeUuid, isObject, type Wire } from './decode.ts';
import { notIn } from './page.ts';
import { VolumeType } from './volume-type.ts';

/** The start of an image's making (guide, "Create Image with Block Storage"). */
export type ImageUpload = Readonly<ReturnType<typeof decodeUpload>>;

/** What to make of a volume. A member left out is left out upstream too: Cinder 17 refuses an unexpected one. */
export interface ImageInput {
  readonly imageName: string;
  readonly force?: boolean | undefined;
  readonly diskFormat?: string | undefined;
  readonly containerFormat?: string | undefined;
  readonly visibility?: 'private' | 'shared' | undefined;
  readonly protected?: boolean | undefined;
}

/** Guide: "Create Image with Block Storage". The volume is `uploading` until the image is made (FACTS 27). */
export async function uploadVolumeToImage(client: Writer, volumeUuid: string, input: ImageInput): Promise<ImageUpload> {
  const answer = await client.send('POST', `/volumes/${segment(volumeUuid)}/action`, {
    'os-volume_upload_image': {
      image_name: input.imageName,
      force: input.force,
      disk_format: input.diskFormat,
      container_format: input.containerFormat,
      visibility: input.visibility,
      protected: input.protected,
    },
  });
  const wire = isObject(answer.content) ? answer.content['os-volume_upload_image'] : null;
  if (!isObject(wire)) throw notIn(answer, 'no image');
  const answered = decodeUuid(wire.id);
  if (answered !== null && answered !== volumeUuid) throw answer.disown('an image of another volume');
  return decodeUpload(wire, volumeUuid, client);
}

function decodeUpload(wire: Wire, volumeUuid: string, client: Client) {
  return {
    imageUuid: decodeUuid(wire.image_id),
    imageName: decodeName(wire.image_name),
    diskFormat: decodeText(wire.disk_format),
    containerFormat: decodeText(wire.container_format),
    /** The volume's status, usually `uploading`. */
    status: decodeText(wire.status),
    /** UTC text with six digits of a second. */
    updatedAt: decodeTime(wire.updated_at),
    /** The volume's description. */
    description: decodeText(wire.display_description),
    /** Gigabytes. */
    size: decodeInteger(wire.size),
    volumeUuid,
    volumeType: decodeType(wire.volume_type, client),
  };
}

function decodeType(value: unknown, client: Client): VolumeType | null {
  const wire = isObject(value) ? value : null;
  const uuid = decodeUuid(wire?.id);
  return wire && uuid ? new VolumeType(wire, uuid, client) : null;
}
