import { useLanguage } from './language.tsx';
import type { VolumeInFull } from './volume-details.tsx';

/** Of a volume that is attached only those get something who say that they know it. */
export function ForceField({ volume }: { readonly volume: VolumeInFull }) {
  const { messages } = useLanguage();
  if (volume.status !== 'IN_USE') return null;
  return (
    <label className="check">
      <input type="checkbox" name="force" /> {messages.alsoWhileAttached}
    </label>
  );
}
