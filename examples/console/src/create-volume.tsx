import { useMutation, useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { CreateVolumeDocument, type RegionCode, RegionsDocument, VolumesDocument } from './__generated__/documents.ts';
import { Failures } from './failures.tsx';
import { Field } from './field.tsx';
import { useFollow } from './follow.tsx';
import { type Fields, Form } from './form.tsx';
import { useLanguage } from './language.tsx';
import { Modal, useCloseModal } from './modal.tsx';
import { VolumeTypeField } from './volume-type-field.tsx';

interface CreateVolumeProps {
  /** Tells the page behind the dialog. */
  readonly onCreated: (label: string) => void;
  readonly onClose: () => void;
}

export function CreateVolume({ onCreated, onClose }: CreateVolumeProps) {
  const { messages } = useLanguage();
  return (
    <Modal title={messages.createVolume} className="box" onClose={onClose}>
      <CreateVolumeForm onCreated={onCreated} />
    </Modal>
  );
}

function CreateVolumeForm({ onCreated }: Pick<CreateVolumeProps, 'onCreated'>) {
  const { messages, regionName } = useLanguage();
  const follow = useFollow();
  const close = useCloseModal();
  const regionList = useQuery(RegionsDocument);
  const regions = regionList.data?.regions ?? [];
  const [chosen, setChosen] = useState<RegionCode | null>(null);
  const region = chosen ?? regions[0]?.code;
  // Where in the list it belongs only the gateway knows, so the list is read anew.
  const [create, { loading, error }] = useMutation(CreateVolumeDocument, {
    errorPolicy: 'all',
    refetchQueries: [VolumesDocument],
  });

  async function submit({ name, size, volumeType }: Fields) {
    if (!region) return;
    const { data } = await create({
      variables: {
        input: {
          region,
          size: Number(size),
          ...(name ? { name } : {}),
          ...(volumeType ? { volumeType } : {}),
        },
      },
    });
    const volume = data?.createVolume?.volume;
    if (!volume) return;
    const label = volume.name || messages.unnamed(volume.uuid);
    follow({ kind: 'volume', id: volume.id, label });
    onCreated(label);
    close();
  }

  return (
    <Form className="form" onSubmit={submit}>
      <Field label={messages.columns.REGION}>
        <select
          value={region}
          onChange={({ target }) => setChosen(regions.find(({ code }) => code === target.value)?.code ?? null)}
        >
          {regions.map((region) => (
            <option key={region.code} value={region.code}>
              {regionName(region)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={messages.name}>
        <input name="name" maxLength={255} autoComplete="off" />
      </Field>
      <Field label={messages.sizeInGigabytes}>
        <input name="size" type="number" min="1" step="1" required defaultValue="10" />
      </Field>
      {region && <VolumeTypeField key={region} region={region} />}
      <Failures error={regionList.error} />
      <Failures error={error} ofChange />
      <div className="buttons">
        <button type="button" onClick={close}>
          {messages.cancel}
        </button>
        <button type="submit" className="primary" disabled={loading}>
          {messages.create}
        </button>
      </div>
    </Form>
  );
}
