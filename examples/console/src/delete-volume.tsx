import { useMutation } from '@apollo/client/react';
import { useRef, useState } from 'react';
import { DeleteVolumeDocument } from './__generated__/documents.ts';
import { removeVolume } from './cache.ts';
import { Confirmation } from './confirmation.tsx';
import { useFollow } from './follow.tsx';
import { useLanguage } from './language.tsx';
import { useCloseModal } from './modal.tsx';

export function DeleteVolume({ id, label }: { readonly id: string; readonly label: string }) {
  const { messages } = useLanguage();
  const follow = useFollow();
  const closeDrawer = useCloseModal();
  const [isAsking, setIsAsking] = useState(false);
  const isDeleted = useRef(false);
  const [remove, { loading, error, client, reset }] = useMutation(DeleteVolumeDocument, { errorPolicy: 'all' });

  async function confirm(): Promise<boolean> {
    const { data } = await remove({ variables: { input: { id } } });
    const deleted = data?.deleteVolume;
    if (!deleted) return false;
    if (deleted.volume) follow({ kind: 'volume', id, label });
    else removeVolume(client.cache, id);
    isDeleted.current = true;
    return true;
  }

  function close() {
    reset();
    setIsAsking(false);
    // The row behind the drawer shows what becomes of it.
    if (isDeleted.current) closeDrawer();
  }

  return (
    <section className="danger-zone">
      <button type="button" className="danger" onClick={() => setIsAsking(true)}>
        {messages.deleteVolume}
      </button>
      {isAsking && (
        <Confirmation
          title={messages.deleteVolumeTitle(label)}
          isRunning={loading}
          error={error}
          onConfirm={confirm}
          onClose={close}
        />
      )}
    </section>
  );
}
