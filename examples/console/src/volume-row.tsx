import { useLayoutEffect, useRef } from 'react';
import type { VolumeRowFragment } from './__generated__/documents.ts';
import { useLanguage } from './language.tsx';
import { StatusBadge } from './status-badge.tsx';

interface VolumeRowProps {
  readonly volume: VolumeRowFragment;
  readonly onOpen: (id: string, label: string) => void;
  readonly onFocusLost: () => void;
}

export function VolumeRow({ volume, onOpen, onFocusLost }: VolumeRowProps) {
  const { messages, formats, regionName } = useLanguage();
  const button = useFocusLost(onFocusLost);
  const label = volume.name || messages.unnamed(volume.uuid);
  return (
    <tr>
      <th scope="row">
        <button ref={button} type="button" className="open" onClick={() => onOpen(volume.id, label)}>
          {label}
        </button>
        <span className="when-narrow muted">{regionName(volume.region)}</span>
      </th>
      <td>
        <StatusBadge status={volume.status} statusText={volume.statusText} />
      </td>
      <td className="when-wide">{regionName(volume.region)}</td>
      <td className="when-wide">{volume.volumeTypeName}</td>
      <td className="number">{volume.size !== null && formats.size(volume.size)}</td>
      <td className="when-wide">
        {volume.createdAt && <time dateTime={volume.createdAt}>{formats.time(volume.createdAt)}</time>}
      </td>
    </tr>
  );
}

/** Tells when the button is taken away while it has the focus. */
function useFocusLost(onFocusLost: () => void) {
  const button = useRef<HTMLButtonElement>(null);
  const tell = useRef(onFocusLost);
  // Of the effects only this kind is cleaned up while the button is still there.
  useLayoutEffect(() => {
    const element = button.current;
    return () => {
      if (element && element === document.activeElement) tell.current();
    };
  }, []);
  return button;
}
