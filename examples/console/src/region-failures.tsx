import type { RegionFailureFragment } from './__generated__/documents.ts';
import { FailureText } from './failures.tsx';
import { useLanguage } from './language.tsx';

interface RegionFailuresProps {
  readonly failures: readonly RegionFailureFragment[];
  readonly onRetry: () => void;
}

/** A region that is down takes nothing from the others: their rows stand below. */
export function RegionFailures({ failures, onRetry }: RegionFailuresProps) {
  const { messages, regionName } = useLanguage();
  return failures.map(({ region, code, message, retryAfter }) => (
    <div key={region.code} role="alert" className="banner">
      <p>
        <strong>{messages.regionMissing(regionName(region))} </strong>
        <FailureText code={code} message={message} /> {retryAfter !== null && messages.retryAfter(retryAfter)}
      </p>
      <button type="button" onClick={onRetry}>
        {messages.tryAgain}
      </button>
    </div>
  ));
}
