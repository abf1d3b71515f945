import { useSubscription } from '@apollo/client/react';
import { VolumeUpdatedDocument } from './__generated__/documents.ts';
import { removeVolume } from './cache.ts';
import { useLanguage } from './language.tsx';
import { useNotice } from './notice.tsx';
import { settledVolume } from './status.ts';

interface FollowVolumeProps {
  readonly id: string;
  readonly label: string;
  readonly onEnd: () => void;
}

/** Shows nothing: what is told goes into the cache, and from there to wherever the volume is shown. */
export function FollowVolume({ id, label, onEnd }: FollowVolumeProps) {
  const { messages } = useLanguage();
  const notify = useNotice();
  useSubscription(VolumeUpdatedDocument, {
    variables: { id, until: settledVolume },
    ignoreResults: true,
    onData({ client, data: { data } }) {
      const volume = data?.volumeUpdated;
      if (volume === null) {
        removeVolume(client.cache, id);
        notify(messages.gone(label));
      } else if (volume && settledVolume.includes(volume.status)) {
        notify(messages.settled(label, messages.statuses[volume.status]));
      }
    },
    onComplete: onEnd,
    onError() {
      notify(messages.lostSight(label));
      onEnd();
    },
  });
  return null;
}
