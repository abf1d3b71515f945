import { type ImageUpload, uploadVolumeToImage } from '../block-storage/image.ts';
import { cost } from '../cost/field-cost.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { readId } from './global-id.ts';
import { freeText, requiredText } from './input.ts';
import { VolumeRef, VolumeTypeRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { VolumeStatus, volumeNode } from './volume.ts';

const ImageVisibility = builder.enumType('ImageVisibility', {
  description: 'Who may use an image.',
  values: {
    PRIVATE: { value: 'private', description: 'The tenant alone.' },
    SHARED: { value: 'shared', description: 'The tenants it is shared with.' },
  } as const,
});

type RegionalUpload = ImageUpload & { readonly region: Region };

const ImageUploadRef = builder.objectRef<RegionalUpload>('ImageUpload').implement({
  description: 'An image that is being made of a volume.',
  fields: (t) => ({
    imageId: t.expose('imageUuid', { type: 'UUID', description: 'The image service’s identifier of the image.' }),
    imageName: t.exposeString('imageName', { description: 'Name of the image.' }),
    diskFormat: t.exposeString('diskFormat', { description: 'Such as `qcow2`.' }),
    containerFormat: t.exposeString('containerFormat', { description: 'Such as `bare`.' }),
    status: t.field({
      type: VolumeStatus.ref,
      nullable: false,
      description: 'Status of the volume, `UPLOADING` as a rule.',
      resolve: ({ status }) => VolumeStatus.read(status),
    }),
    statusText: t.exposeString('status', { description: 'The status in the upstream’s own word.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the volume was last changed.' }),
    description: t.exposeString('description', { description: 'Description of the volume.' }),
    size: t.exposeInt('size', { description: 'Size of the volume, in gigabytes.' }),
    volume: t.field({
      type: VolumeRef,
      description: 'The volume as it is now.',
      resolve: ({ region, volumeUuid }, _args, context) => context.loaders(region).volumes.byId.load(volumeUuid),
    }),
    volumeType: t.expose('volumeType', { type: VolumeTypeRef, description: 'The volume’s type. Costs no call.' }),
  }),
});

const UploadVolumeToImageInput = builder.inputType('UploadVolumeToImageInput', {
  description: 'What to make an image of, and how. What is left out is left to the region.',
  fields: (t) => ({
    volumeId: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
    region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
    imageName: t.string({ required: true, validate: requiredText, description: '1 to 255 characters.' }),
    force: t.boolean({ description: 'Also while the volume is attached.' }),
    diskFormat: t.string({ validate: freeText, description: 'Such as `qcow2` or `raw`.' }),
    containerFormat: t.string({ validate: freeText, description: 'Such as `bare`.' }),
    visibility: t.field({ type: ImageVisibility, description: 'Who may use the image.' }),
    protected: t.boolean({ description: 'A protected image cannot be changed or deleted.' }),
  }),
});

const UploadVolumeToImagePayload = builder
  .objectRef<{ readonly image: RegionalUpload }>('UploadVolumeToImagePayload')
  .implement({
    description: 'Result of `uploadVolumeToImage`.',
    fields: (t) => ({
      image: t.expose('image', { type: ImageUploadRef, description: 'The image that is being made.' }),
    }),
  });

builder.mutationField('uploadVolumeToImage', (t) =>
  t.field({
    type: UploadVolumeToImagePayload,
    extensions: cost({ calls: 1 }),
    description: 'Makes an image of a volume. The volume is `UPLOADING` meanwhile.',
    args: { input: t.arg({ type: UploadVolumeToImageInput, required: true, description: 'What to make it of.' }) },
    resolve: async (_root, { input }, context) => {
      const { region, uuid } = readId(context, volumeNode, {
        path: ['input', 'volumeId'],
        id: input.volumeId,
        region: input.region,
      });
      const body = {
        imageName: input.imageName,
        force: input.force ?? undefined,
        diskFormat: input.diskFormat ?? undefined,
        containerFormat: input.containerFormat ?? undefined,
        visibility: input.visibility ?? undefined,
        protected: input.protected ?? undefined,
      };
      const image = await context.write(region, (client) => uploadVolumeToImage(client, uuid, body), {
        verb: 'upload',
        object: 'image',
        source: uuid,
        changesSource: true,
        uuidOf: ({ imageUuid }) => imageUuid,
      });
      return { image: { ...image, region } };
    },
  }),
);
