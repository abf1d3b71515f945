import { createContext, type ReactNode, use, useState } from 'react';
import { useLanguage } from './language.tsx';

const NoticeContext = createContext<((text: string) => void) | null>(null);

/**
 * Shows and says what has happened. A modal dialog has one of its own, because while it is open screen readers hear
 * nothing of the page behind it.
 */
export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [text, setText] = useState('');
  const { messages } = useLanguage();
  return (
    <NoticeContext value={setText}>
      {children}
      <output className="notice">
        {text && (
          <>
            <span>{text}</span>
            <button type="button" className="quiet" aria-label={messages.dismiss} onClick={() => setText('')}>
              ✕
            </button>
          </>
        )}
      </output>
    </NoticeContext>
  );
}

export function useNotice(): (text: string) => void {
  const notify = use(NoticeContext);
  if (!notify) throw new Error('There is no NoticeProvider above');
  return notify;
}
