import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { DeleteSnapshotDocument } from './__generated__/documents.ts';
import { removeSnapshot } from './cache.ts';
import { Confirmation } from './confirmation.tsx';
import { useFollow } from './follow.tsx';
import { useLanguage } from './language.tsx';

export function DeleteSnapshot({ id, label }: { readonly id: string; readonly label: string }) {
  const { messages } = useLanguage();
  const follow = useFollow();
  const [isAsking, setIsAsking] = useState(false);
  const [remove, { loading, error, client, reset }] = useMutation(DeleteSnapshotDocument, { errorPolicy: 'all' });

  async function confirm(): Promise<boolean> {
    const { data } = await remove({ variables: { input: { id } } });
    const deleted = data?.deleteSnapshot;
    if (!deleted) return false;
    if (deleted.snapshot) follow({ kind: 'snapshot', id, label });
    else removeSnapshot(client.cache, id);
    return true;
  }

  function close() {
    reset();
    setIsAsking(false);
  }

  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-label={messages.deleteSnapshot(label)}
        onClick={() => setIsAsking(true)}
      >
        {messages.delete}
      </button>
      {isAsking && (
        <Confirmation
          title={messages.deleteSnapshot(label)}
          isRunning={loading}
          error={error}
          onConfirm={confirm}
          onClose={close}
        />
      )}
    </>
  );
}
