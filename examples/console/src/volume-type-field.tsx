import { useQuery } from '@apollo/client/react';
import { type RegionCode, VolumeTypesDocument } from './__generated__/documents.ts';
import { Failures } from './failures.tsx';
import { Field } from './field.tsx';
import { useLanguage } from './language.tsx';

/** The types of one region: each has its own. */
export function VolumeTypeField({ region }: { readonly region: RegionCode }) {
  const { messages } = useLanguage();
  const { data, loading, error } = useQuery(VolumeTypesDocument, { variables: { region } });
  const types = data?.region?.volumeTypes?.nodes ?? [];
  return (
    <>
      <Field label={messages.columns.TYPE}>
        <select name="volumeType" aria-busy={loading}>
          <option value="">{loading ? messages.loading : messages.typeOfRegion}</option>
          {types.map(({ id, name }) => name && <option key={id}>{name}</option>)}
        </select>
      </Field>
      <Failures error={error} />
    </>
  );
}
