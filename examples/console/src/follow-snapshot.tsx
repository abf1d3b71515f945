import { useSubscription } from '@apollo/client/react';
import { SnapshotUpdatedDocument } from './__generated__/documents.ts';
import { removeSnapshot } from './cache.ts';
import { useLanguage } from './language.tsx';
import { useNotice } from './notice.tsx';
import { settledSnapshot } from './status.ts';

interface FollowSnapshotProps {
  readonly id: string;
  readonly label: string;
  readonly onEnd: () => void;
}

/** Shows nothing: what is told goes into the cache, and from there to wherever the snapshot is shown. */
export function FollowSnapshot({ id, label, onEnd }: FollowSnapshotProps) {
  const { messages } = useLanguage();
  const notify = useNotice();
  useSubscription(SnapshotUpdatedDocument, {
    variables: { id, until: settledSnapshot },
    ignoreResults: true,
    onData({ client, data: { data } }) {
      const snapshot = data?.snapshotUpdated;
      if (snapshot === null) {
        removeSnapshot(client.cache, id);
        notify(messages.gone(label));
      } else if (snapshot && settledSnapshot.includes(snapshot.status)) {
        notify(messages.settled(label, messages.statuses[snapshot.status]));
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
