import type { SnapshotStatus, VolumeStatus } from './__generated__/documents.ts';
import { useLanguage } from './language.tsx';
import { toneOf } from './status.ts';

interface StatusBadgeProps {
  readonly status: VolumeStatus | SnapshotStatus;
  readonly statusText: string | null;
}

export function StatusBadge({ status, statusText }: StatusBadgeProps) {
  const { messages } = useLanguage();
  // The region’s own word says more than that the gateway does not know it.
  const label = status === 'UNKNOWN' && statusText ? statusText : messages.statuses[status];
  return <span className={`badge ${toneOf[status]}`}>{label}</span>;
}
