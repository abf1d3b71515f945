import { useSubscription } from '@apollo/client/react';
import { VolumesChangedDocument } from './__generated__/documents.ts';
import { removeVolume } from './cache.ts';
import { useChangedVolumes } from './follow.tsx';
import { useLanguage } from './language.tsx';
import { useNotice } from './notice.tsx';
import { settledVolume } from './status.ts';

interface LiveVolumesProps {
  /** Called when the list may have other rows than those that are shown. */
  readonly onStale: () => void;
}

/** Shows nothing. One event stream brings the changes of all volumes into the cache, and from there into the table. */
export function LiveVolumes({ onStale }: LiveVolumesProps) {
  const { messages } = useLanguage();
  const notify = useNotice();
  const changedByUser = useChangedVolumes();
  useSubscription(VolumesChangedDocument, {
    ignoreResults: true,
    onData({ client, data: { data } }) {
      const { changes = [], refetch = [] } = data?.volumesChanged ?? {};
      for (const { kind, id, volume } of changes) {
        const label = changedByUser.get(id);
        const isSettled = volume !== null && settledVolume.includes(volume.status);
        if (kind === 'REMOVED') removeVolume(client.cache, id);
        if (label === undefined || !(isSettled || kind === 'REMOVED')) continue;
        changedByUser.delete(id);
        notify(isSettled ? messages.settled(label, messages.statuses[volume.status]) : messages.gone(label));
      }
      // An event without changes is the first one of a stream, also after a gap, or reports regions that fail.
      const isFirst = changes.length === 0;
      // Only the gateway knows where a new volume belongs in the order.
      if (isFirst || refetch.length > 0 || changes.some(({ kind }) => kind === 'ADDED')) onStale();
    },
    onError: () => notify(messages.notLive),
  });
  return null;
}
