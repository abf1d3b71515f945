import { useMutation } from '@apollo/client/react';
import { CreateSnapshotDocument, VolumeDocument } from './__generated__/documents.ts';
import { Failures } from './failures.tsx';
import { Field } from './field.tsx';
import { useFollow } from './follow.tsx';
import { ForceField } from './force-field.tsx';
import { type Fields, Form } from './form.tsx';
import { useLanguage } from './language.tsx';
import type { VolumeInFull } from './volume-details.tsx';

export function CreateSnapshot({ volume }: { readonly volume: VolumeInFull }) {
  const { messages } = useLanguage();
  const follow = useFollow();
  const [create, { loading, error }] = useMutation(CreateSnapshotDocument, {
    errorPolicy: 'all',
    refetchQueries: [VolumeDocument],
    awaitRefetchQueries: true,
  });

  async function submit({ name, force }: Fields, form: HTMLFormElement) {
    const { data } = await create({
      variables: { input: { volumeId: volume.id, ...(name ? { name } : {}), ...(force ? { force: true } : {}) } },
    });
    const snapshot = data?.createSnapshot?.snapshot;
    if (!snapshot) return;
    follow({ kind: 'snapshot', id: snapshot.id, label: snapshot.name || messages.unnamed(snapshot.uuid) });
    form.reset();
  }

  return (
    <Form className="inline-form" onSubmit={submit}>
      <Field label={messages.snapshotName}>
        <input name="name" maxLength={255} autoComplete="off" />
      </Field>
      <button type="submit" disabled={loading}>
        {messages.createSnapshot}
      </button>
      <ForceField volume={volume} />
      <Failures error={error} ofChange />
    </Form>
  );
}
