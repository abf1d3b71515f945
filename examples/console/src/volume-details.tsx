import type { VolumeQuery } from './__generated__/documents.ts';
import { useLanguage } from './language.tsx';

export type VolumeInFull = NonNullable<VolumeQuery['volume']>;

export function VolumeDetails({ volume }: { readonly volume: VolumeInFull }) {
  const { messages, formats, regionName } = useLanguage();
  const yesNo = (value: boolean | null) => value !== null && (value ? messages.yes : messages.no);
  const details = [
    [messages.columns.REGION, regionName(volume.region)],
    [messages.zone, volume.availabilityZone],
    [messages.columns.SIZE, volume.size !== null && formats.size(volume.size)],
    [messages.columns.TYPE, volume.volumeType?.name ?? volume.volumeTypeName],
    [messages.columns.CREATED_AT, volume.createdAt && formats.time(volume.createdAt)],
    [messages.bootable, yesNo(volume.bootable)],
    [messages.encrypted, yesNo(volume.encrypted)],
    [messages.description, volume.description],
    ['UUID', volume.uuid],
  ] as const;
  return (
    <section aria-label={messages.details}>
      <dl>
        {details.map(
          ([term, value]) =>
            value && (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
