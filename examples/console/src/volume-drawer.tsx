import { useQuery } from '@apollo/client/react';
import { VolumeDocument } from './__generated__/documents.ts';
import { Attachments } from './attachments.tsx';
import { DeleteVolume } from './delete-volume.tsx';
import { Failures } from './failures.tsx';
import { useLanguage } from './language.tsx';
import { Modal } from './modal.tsx';
import { Snapshots } from './snapshots.tsx';
import { StatusBadge } from './status-badge.tsx';
import { UploadToImage } from './upload-to-image.tsx';
import { VolumeDetails } from './volume-details.tsx';

interface VolumeDrawerProps {
  readonly id: string;
  readonly label: string;
  readonly onClose: () => void;
}

export function VolumeDrawer({ id, label, onClose }: VolumeDrawerProps) {
  return (
    <Modal title={label} className="drawer" onClose={onClose}>
      <VolumeContent id={id} label={label} />
    </Modal>
  );
}

function VolumeContent({ id, label }: Omit<VolumeDrawerProps, 'onClose'>) {
  const { messages } = useLanguage();
  const { data, error, loading } = useQuery(VolumeDocument, {
    variables: { id },
    // Where only the snapshots cannot be read the rest is shown all the same.
    errorPolicy: 'all',
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const volume = data?.volume;
  return (
    <>
      <Failures error={error} />
      {!volume && !error && <p role="status">{loading ? messages.loading : messages.volumeIsGone}</p>}
      {volume && (
        <>
          <p role="status">
            <StatusBadge status={volume.status} statusText={volume.statusText} />
          </p>
          <VolumeDetails volume={volume} />
          <Attachments attachments={volume.attachments ?? []} />
          <Snapshots volume={volume} />
          <UploadToImage volume={volume} label={label} />
          <DeleteVolume id={id} label={label} />
        </>
      )}
    </>
  );
}
