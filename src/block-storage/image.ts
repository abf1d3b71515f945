import { segment, type Writer } from './client.ts';
import { decodeInteger, decodeName, decodeText, decodeTime, decodeUuid, isObject } from './decode.ts';
import { notIn } from './page.ts';
import { VolumeType } from './volume-type.ts';

/** The start of an image's making (guide, "Create Image with Block Storage"). */
export interface ImageUpload {
  readonly imageUuid: string | null;
  readonly imageName: string | null;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  /** The volume's status, `uploading` as a rule. */
  readonly status: string | null;
  /** UTC text with six digits of a second. */
  readonly updatedAt: string | null;
  /** The volume's description. */
  readonly description: string | null;
  /** Gigabytes. */
  readonly size: number | null;
  readonly volumeUuid: string;
  readonly volumeType: VolumeType | null;
}

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
  const wire = isObject(answer.json) ? answer.json['os-volume_upload_image'] : null;
  if (!isObject(wire)) throw notIn(answer, 'no image');
  const answered = decodeUuid(wire.id);
  if (answered !== null && answered !== volumeUuid) throw answer.disown('an image of another volume');
  const type = isObject(wire.volume_type) ? wire.volume_type : null;
  const typeUuid = decodeUuid(type?.id);
  return {
    imageUuid: decodeUuid(wire.image_id),
    imageName: decodeName(wire.image_name),
    diskFormat: decodeText(wire.disk_format),
    containerFormat: decodeText(wire.container_format),
    status: decodeText(wire.status),
    updatedAt: decodeTime(wire.updated_at),
    description: decodeText(wire.display_description),
    size: decodeInteger(wire.size),
    volumeUuid,
    volumeType: type && typeUuid ? new VolumeType(type, typeUuid, client) : null,
  };
}
