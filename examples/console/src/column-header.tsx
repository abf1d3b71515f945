import type { VolumeOrderField } from './__generated__/documents.ts';
import { nextOrder, type Order } from './wanted.ts';

interface ColumnHeaderProps {
  readonly label: string;
  /** What its click orders by. */
  readonly field: VolumeOrderField | undefined;
  readonly className: string | undefined;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
}

export function ColumnHeader({ label, field, className, order, onOrder }: ColumnHeaderProps) {
  if (!field) {
    return (
      <th scope="col" className={className}>
        {label}
      </th>
    );
  }
  const direction = field === order.field ? order.direction : null;
  return (
    <th scope="col" className={className} aria-sort={direction ? sortOf[direction] : 'none'}>
      <button type="button" className="sort" onClick={() => onOrder(nextOrder(order, field))}>
        {label}
        <span aria-hidden="true">{direction ? arrowOf[direction] : ''}</span>
      </button>
    </th>
  );
}

const sortOf = { ASC: 'ascending', DESC: 'descending' } as const;
const arrowOf = { ASC: '↑', DESC: '↓' };
