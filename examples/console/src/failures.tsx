import type { ErrorLike } from '@apollo/client';
import { failuresOf } from './failure.ts';
import { useLanguage } from './language.tsx';

interface FailuresProps {
  readonly error: ErrorLike | undefined;
  /** It was a change, so that it matters whether it was carried out all the same. */
  readonly ofChange?: boolean;
}

export function Failures({ error, ofChange = false }: FailuresProps) {
  const { messages } = useLanguage();
  if (!error) return null;
  return (
    <div role="alert" className="failures">
      {failuresOf(error).map(({ code, message, outcomeUnknown }) => (
        <div key={`${code} ${message}`}>
          <p>
            <FailureText code={code} message={message} />
          </p>
          {ofChange && outcomeUnknown && <p className="strong">{messages.outcomeUnknown}</p>}
        </div>
      ))}
    </div>
  );
}

/** What the code means in the user’s language, and the gateway’s own words, which tell more. */
export function FailureText({ code, message }: { readonly code: string | null; readonly message: string }) {
  const { messages } = useLanguage();
  // Codes that GraphQL itself has are not among them.
  const meanings: Readonly<Record<string, string | undefined>> = messages.errors;
  const meaning = code === null ? messages.noAnswer : meanings[code];
  return (
    <>
      {meaning} <span lang="en">{message}</span> {code && <code>{code}</code>}
    </>
  );
}
