import { useEffect, useRef, useState } from 'react';
import { CreateVolume } from './create-volume.tsx';
import { Failures } from './failures.tsx';
import { useLanguage } from './language.tsx';
import { LiveVolumes } from './live-volumes.tsx';
import { LoadMore } from './load-more.tsx';
import { NoVolumes } from './no-volumes.tsx';
import { useNotice } from './notice.tsx';
import { RegionFailures } from './region-failures.tsx';
import { useDebounced } from './use-debounced.ts';
import { useVolumes } from './use-volumes.ts';
import { VolumeDrawer } from './volume-drawer.tsx';
import { VolumeFilters } from './volume-filters.tsx';
import { VolumeTable } from './volume-table.tsx';
import { everything, type Wanted } from './wanted.ts';

export function VolumesPage() {
  const { messages, formats } = useLanguage();
  const notify = useNotice();
  const [wanted, setWanted] = useState<Wanted>(everything);
  const [opened, setOpened] = useState<{ readonly id: string; readonly label: string } | null>(null);
  const [isCreating, setIsCreating] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const asked = { ...wanted, name: useDebounced(wanted.name.trim(), 300) };
  const list = useVolumes(asked);
  const { volumes } = list;

  // A row that has the focus may go away; whoever is there by keyboard must not be thrown to the start of the page.
  const keepFocus = () => heading.current?.focus();

  // The form that the user has signed in with is gone, and the focus with it.
  useEffect(() => heading.current?.focus(), []);

  return (
    <main className="page">
      <LiveVolumes onStale={list.refresh} />
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {messages.volumes}
        </h1>
        <span className="count muted">{list.totalCount !== null && formats.count(list.totalCount)}</span>
        <button type="button" onClick={list.reload}>
          {messages.refresh}
        </button>
        <button type="button" className="primary" onClick={() => setIsCreating(true)}>
          {messages.createVolume}
        </button>
      </div>
      <VolumeFilters wanted={wanted} onChange={setWanted} />
      <RegionFailures failures={list.failures} onRetry={list.reload} />
      <Failures error={list.error} />
      {list.error && !volumes && (
        <button type="button" onClick={list.reload}>
          {messages.tryAgain}
        </button>
      )}
      {(volumes?.length || (list.isLoading && !list.error)) && (
        <VolumeTable
          volumes={volumes}
          isBusy={list.isLoading}
          order={wanted.order}
          onOrder={(order) => setWanted({ ...wanted, order })}
          onOpen={(id, label) => setOpened({ id, label })}
          onFocusLost={keepFocus}
        />
      )}
      {volumes?.length === 0 && !list.isLoading && (
        <NoVolumes wanted={asked} hasNextPage={list.hasNextPage} onClear={() => setWanted(everything)} />
      )}
      {volumes && <LoadMore list={list} />}
      {opened && <VolumeDrawer key={opened.id} {...opened} onClose={() => setOpened(null)} />}
      {isCreating && (
        <CreateVolume onCreated={(label) => notify(messages.creating(label))} onClose={() => setIsCreating(false)} />
      )}
    </main>
  );
}
