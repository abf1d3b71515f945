import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { FollowSnapshot } from './follow-snapshot.tsx';
import { FollowVolume } from './follow-volume.tsx';

/** What somebody has changed, until its status settles or it is gone. */
interface Followed {
  readonly kind: 'volume' | 'snapshot';
  readonly id: string;
  /** What it is called in notices: when it is gone nobody knows any more. */
  readonly label: string;
}

type Follow = (followed: Followed) => void;

const FollowContext = createContext<Follow | null>(null);

/** Each is an event stream, and over HTTP/1.1 a browser has six connections to an origin: some must stay for queries. */
const most = 4;

let changes = 0;

export function FollowProvider({ children }: { readonly children: ReactNode }) {
  const [all, setAll] = useState<readonly (Followed & { readonly change: number })[]>([]);

  // The newest first, in the place of an earlier change of the same object; one that waits is told the state at once.
  const follow = useCallback<Follow>((followed) => {
    const change = ++changes;
    setAll((before) => [{ ...followed, change }, ...before.filter(({ id }) => id !== followed.id)]);
  }, []);

  return (
    <FollowContext value={follow}>
      {children}
      {all.slice(0, most).map(({ kind, id, label, change }) => {
        const One = kind === 'volume' ? FollowVolume : FollowSnapshot;
        const end = () => setAll((before) => before.filter((other) => other.change !== change));
        return <One key={change} id={id} label={label} onEnd={end} />;
      })}
    </FollowContext>
  );
}

export function useFollow(): Follow {
  const follow = use(FollowContext);
  if (!follow) throw new Error('There is no FollowProvider above');
  return follow;
}
