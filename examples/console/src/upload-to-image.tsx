import { useMutation } from '@apollo/client/react';
import { UploadVolumeToImageDocument } from './__generated__/documents.ts';
import { Failures } from './failures.tsx';
import { Field } from './field.tsx';
import { useFollow } from './follow.tsx';
import { ForceField } from './force-field.tsx';
import { type Fields, Form } from './form.tsx';
import { useLanguage } from './language.tsx';
import { useNotice } from './notice.tsx';
import type { VolumeInFull } from './volume-details.tsx';

interface UploadToImageProps {
  readonly volume: VolumeInFull;
  readonly label: string;
}

export function UploadToImage({ volume, label }: UploadToImageProps) {
  const { messages } = useLanguage();
  const follow = useFollow();
  const notify = useNotice();
  const [upload, { loading, error }] = useMutation(UploadVolumeToImageDocument, { errorPolicy: 'all' });

  async function submit({ imageName = '', diskFormat, force }: Fields, form: HTMLFormElement) {
    const { data } = await upload({
      variables: {
        input: {
          volumeId: volume.id,
          imageName,
          diskFormat,
          ...(force ? { force: true } : {}),
        },
      },
    });
    if (!data?.uploadVolumeToImage?.image) return;
    form.reset();
    notify(messages.uploading(imageName));
    follow({ kind: 'volume', id: volume.id, label });
  }

  return (
    <section>
      <h3>{messages.uploadToImage}</h3>
      <Form className="inline-form" onSubmit={submit}>
        <Field label={messages.imageName}>
          <input name="imageName" required maxLength={255} autoComplete="off" />
        </Field>
        <Field label={messages.diskFormat}>
          <select name="diskFormat">
            <option>qcow2</option>
            <option>raw</option>
          </select>
        </Field>
        <button type="submit" disabled={loading}>
          {messages.upload}
        </button>
        <ForceField volume={volume} />
        <Failures error={error} ofChange />
      </Form>
    </section>
  );
}
