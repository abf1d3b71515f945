import { Field } from './field.tsx';
import { useLanguage } from './language.tsx';
import type { Order } from './wanted.ts';

interface OrderSelectProps {
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
}

const orders: readonly Order[] = (['CREATED_AT', 'NAME', 'SIZE', 'STATUS'] as const).flatMap((field) => [
  { field, direction: 'DESC' },
  { field, direction: 'ASC' },
]);

/** In place of the headers of columns that a narrow screen has no room for. */
export function OrderSelect({ order, onOrder }: OrderSelectProps) {
  const { messages } = useLanguage();
  const current = orders.findIndex(({ field, direction }) => field === order.field && direction === order.direction);
  return (
    <div className="when-narrow">
      <Field label={messages.sortBy}>
        <select value={current} onChange={({ target }) => onOrder(orders[Number(target.value)] ?? order)}>
          {orders.map(({ field, direction }, index) => (
            <option key={`${field} ${direction}`} value={index}>
              {`${messages.columns[field]}, ${direction === 'ASC' ? messages.ascending : messages.descending}`}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}
