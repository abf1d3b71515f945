import type { VolumeOrderField, VolumeRowFragment } from './__generated__/documents.ts';
import { ColumnHeader } from './column-header.tsx';
import { useLanguage } from './language.tsx';
import { VolumeRow } from './volume-row.tsx';
import type { Order } from './wanted.ts';

interface VolumeTableProps {
  /** Null until the first page is there. */
  readonly volumes: readonly VolumeRowFragment[] | null;
  readonly isBusy: boolean;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  readonly onOpen: (id: string, label: string) => void;
  readonly onFocusLost: () => void;
}

/** The gateway cannot order by region or type. */
const columns: readonly { name: VolumeOrderField | 'REGION' | 'TYPE'; field?: VolumeOrderField; className?: string }[] =
  [
    { name: 'NAME', field: 'NAME' },
    { name: 'STATUS', field: 'STATUS' },
    { name: 'REGION', className: 'when-wide' },
    { name: 'TYPE', className: 'when-wide' },
    { name: 'SIZE', field: 'SIZE', className: 'number' },
    { name: 'CREATED_AT', field: 'CREATED_AT', className: 'when-wide' },
  ];

export function VolumeTable({ volumes, isBusy, order, onOrder, onOpen, onFocusLost }: VolumeTableProps) {
  const { messages } = useLanguage();
  return (
    <table className="volumes" aria-label={messages.volumes} aria-busy={isBusy}>
      <thead>
        <tr>
          {columns.map(({ name, field, className }) => (
            <ColumnHeader
              key={name}
              label={messages.columns[name]}
              field={field}
              className={className}
              order={order}
              onOrder={onOrder}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {volumes?.map((volume) => (
          <VolumeRow key={volume.id} volume={volume} onOpen={onOpen} onFocusLost={onFocusLost} />
        )) ?? (
          <tr>
            <td colSpan={columns.length} className="placeholder">
              {messages.loading}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
