import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react';
import { FollowSnapshot } from './follow-snapshot.tsx';

/** What the user has changed, until its status settles or it is gone. */
interface Followed {
  readonly kind: 'volume' | 'snapshot';
  readonly id: string;
  /** Its name in notices: when it is gone it cannot be looked up any more. */
  readonly label: string;
}

type Follow = (followed: Followed) => void;

interface Following {
  readonly follow: Follow;
  /** The labels of the volumes that the user has changed, by id. */
  readonly volumes: Map<string, string>;
}

const FollowContext = createContext<Following | null>(null);

/** Each is an event stream, and over HTTP/1.1 a browser has six connections to an origin: some must stay for queries. */
const mostSnapshots = 3;

let changes = 0;

export function FollowProvider({ children }: { readonly children: ReactNode }) {
  const [snapshots, setSnapshots] = useState<readonly (Followed & { readonly change: number })[]>([]);
  // The stream of the table reports all volumes, so they need no stream of their own.
  const volumes = useRef(new Map<string, string>()).current;

  // The newest first, in the place of an earlier change of the same snapshot.
  const follow = useCallback<Follow>(
    (followed) => {
      const change = ++changes;
      if (followed.kind === 'volume') volumes.set(followed.id, followed.label);
      else setSnapshots((before) => [{ ...followed, change }, ...before.filter(({ id }) => id !== followed.id)]);
    },
    [volumes],
  );
  const following = useMemo(() => ({ follow, volumes }), [follow, volumes]);

  return (
    <FollowContext value={following}>
      {children}
      {snapshots.slice(0, mostSnapshots).map(({ id, label, change }) => {
        const end = () => setSnapshots((before) => before.filter((other) => other.change !== change));
        return <FollowSnapshot key={change} id={id} label={label} onEnd={end} />;
      })}
    </FollowContext>
  );
}

export function useFollow(): Follow {
  return useFollowing().follow;
}

export function useChangedVolumes(): Following['volumes'] {
  return useFollowing().volumes;
}

function useFollowing(): Following {
  const following = use(FollowContext);
  if (!following) throw new Error('There is no FollowProvider above');
  return following;
}
