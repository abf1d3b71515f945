import { useLanguage } from './language.tsx';
import { isFiltered, type Wanted } from './wanted.ts';

interface NoVolumesProps {
  readonly wanted: Wanted;
  readonly hasNextPage: boolean;
  readonly onClear: () => void;
}

export function NoVolumes({ wanted, hasNextPage, onClear }: NoVolumesProps) {
  const { messages } = useLanguage();
  const isNarrowed = isFiltered(wanted);
  return (
    <div className="empty">
      <p role="status">{hasNextPage ? messages.noneSoFar : isNarrowed ? messages.noMatches : messages.noVolumes}</p>
      {isNarrowed && (
        <button type="button" onClick={onClear}>
          {messages.clearFilters}
        </button>
      )}
    </div>
  );
}
