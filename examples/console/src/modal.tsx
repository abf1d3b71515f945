import { createContext, type ReactNode, use, useEffect, useId, useRef } from 'react';
import { useLanguage } from './language.tsx';
import { NoticeProvider } from './notice.tsx';

interface ModalProps {
  readonly title: string;
  readonly className: 'drawer' | 'box';
  /** Here the owner takes it out of the page; before that it is closed, so that the browser gives the focus back. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const CloseContext = createContext<() => void>(() => {});

/** The browser’s own modal dialog: it keeps the focus inside, closes with Escape, and gives the focus back. */
export function Modal({ title, className, onClose, children }: ModalProps) {
  const { messages } = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const headingId = useId();

  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);

  return (
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={headingId}
      onClose={(event) => {
        // In React, other than in the DOM, this event rises from a dialog inside to the one around it.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <NoticeProvider>
        <CloseContext value={() => dialog.current?.close()}>
          <div className="dialog-head">
            {/* The first that can have the focus, so it gets it: whoever hears the dialog begins at its beginning. */}
            <h2 id={headingId} tabIndex={-1}>
              {title}
            </h2>
            <form method="dialog">
              <button type="submit" className="quiet" aria-label={messages.close}>
                ✕
              </button>
            </form>
          </div>
          <div className="dialog-body">{children}</div>
        </CloseContext>
      </NoticeProvider>
    </dialog>
  );
}

/** Closes the dialog around it. */
export function useCloseModal(): () => void {
  return use(CloseContext);
}
