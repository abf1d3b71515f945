import { useLanguage } from './language.tsx';
import type { VolumeList } from './use-volumes.ts';

export function LoadMore({ list }: { readonly list: VolumeList }) {
  const { messages, formats } = useLanguage();
  const count = list.volumes?.length ?? 0;
  const shown = formats.count(count);
  return (
    <div className="load-more">
      {count > 0 && (
        <p role="status" className="muted">
          {list.totalCount === null
            ? messages.shownOfMany(shown)
            : messages.shown(shown, formats.count(list.totalCount))}
        </p>
      )}
      {count > 0 && list.isShort && <p role="status">{messages.pageIsShort}</p>}
      {list.hasNextPage && (
        // Not disabled while it loads: a disabled button loses the focus.
        <button type="button" aria-disabled={list.isLoadingMore} onClick={() => list.isLoadingMore || list.loadMore()}>
          {list.isLoadingMore ? messages.loading : messages.loadMore}
        </button>
      )}
    </div>
  );
}
