import type { SnapshotRowFragment } from './__generated__/documents.ts';
import { CreateSnapshot } from './create-snapshot.tsx';
import { DeleteSnapshot } from './delete-snapshot.tsx';
import { FailureText } from './failures.tsx';
import { useLanguage } from './language.tsx';
import { StatusBadge } from './status-badge.tsx';
import type { VolumeInFull } from './volume-details.tsx';

export function Snapshots({ volume }: { readonly volume: VolumeInFull }) {
  const { messages } = useLanguage();
  const { nodes = [], failures = [] } = volume.snapshots ?? {};
  return (
    <section>
      <h3>{messages.snapshots}</h3>
      {failures.map(({ code, message }) => (
        <p key={code} role="alert">
          <FailureText code={code} message={message} />
        </p>
      ))}
      {volume.snapshots && nodes.length === 0 && <p className="muted">{messages.noSnapshots}</p>}
      {nodes.length > 0 && (
        <ul className="items" aria-label={messages.snapshots}>
          {nodes.map((snapshot) => (
            <Snapshot key={snapshot.id} snapshot={snapshot} />
          ))}
        </ul>
      )}
      <CreateSnapshot volume={volume} />
    </section>
  );
}

function Snapshot({ snapshot }: { readonly snapshot: SnapshotRowFragment }) {
  const { messages, formats } = useLanguage();
  const { id, uuid, name, status, statusText, createdAt } = snapshot;
  const label = name || messages.unnamed(uuid);
  return (
    <li>
      <span className="item-name">
        {label}
        {createdAt && <span className="muted">{formats.time(createdAt)}</span>}
      </span>
      <StatusBadge status={status} statusText={statusText} />
      <DeleteSnapshot id={id} label={label} />
    </li>
  );
}
