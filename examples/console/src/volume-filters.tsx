import { useQuery } from '@apollo/client/react';
import { RegionsDocument } from './__generated__/documents.ts';
import { Field } from './field.tsx';
import { useLanguage } from './language.tsx';
import { OrderSelect } from './order-select.tsx';
import { volumeStatuses } from './status.ts';
import type { Wanted } from './wanted.ts';

interface VolumeFiltersProps {
  readonly wanted: Wanted;
  readonly onChange: (wanted: Wanted) => void;
}

export function VolumeFilters({ wanted, onChange }: VolumeFiltersProps) {
  const { messages, language, regionName } = useLanguage();
  const { data } = useQuery(RegionsDocument);
  const regions = data?.regions ?? [];
  const statuses = volumeStatuses
    .map((status) => ({ status, label: messages.statuses[status] }))
    .sort((one, other) => one.label.localeCompare(other.label, language));

  return (
    <search className="filters" aria-label={messages.filters}>
      <Field label={messages.nameContains}>
        <input
          type="search"
          value={wanted.name}
          onChange={({ target }) => onChange({ ...wanted, name: target.value })}
        />
      </Field>
      <Field label={messages.columns.STATUS}>
        <select
          value={wanted.status ?? ''}
          onChange={({ target }) =>
            onChange({ ...wanted, status: volumeStatuses.find((status) => status === target.value) ?? null })
          }
        >
          <option value="">{messages.all}</option>
          {statuses.map(({ status, label }) => (
            <option key={status} value={status}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field label={messages.columns.REGION}>
        <select
          value={wanted.region ?? ''}
          onChange={({ target }) =>
            onChange({ ...wanted, region: regions.find(({ code }) => code === target.value)?.code ?? null })
          }
        >
          <option value="">{messages.all}</option>
          {regions.map((region) => (
            <option key={region.code} value={region.code}>
              {regionName(region)}
            </option>
          ))}
        </select>
      </Field>
      <OrderSelect order={wanted.order} onOrder={(order) => onChange({ ...wanted, order })} />
    </search>
  );
}
