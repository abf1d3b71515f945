import type { ErrorLike } from '@apollo/client';
import { Failures } from './failures.tsx';
import { useLanguage } from './language.tsx';
import { Modal, useCloseModal } from './modal.tsx';

interface ConfirmationProps extends ButtonsProps {
  readonly title: string;
  readonly error: ErrorLike | undefined;
  readonly onClose: () => void;
}

export function Confirmation({ title, error, isRunning, onConfirm, onClose }: ConfirmationProps) {
  const { messages } = useLanguage();
  return (
    <Modal title={title} className="box" onClose={onClose}>
      <p>{messages.cannotBeUndone}</p>
      <Failures error={error} ofChange />
      <Buttons isRunning={isRunning} onConfirm={onConfirm} />
    </Modal>
  );
}

interface ButtonsProps {
  readonly isRunning: boolean;
  /** Whether it was done; if not the question stays, with the error. */
  readonly onConfirm: () => Promise<boolean>;
}

function Buttons({ isRunning, onConfirm }: ButtonsProps) {
  const { messages } = useLanguage();
  const close = useCloseModal();

  async function confirm() {
    if (await onConfirm()) close();
  }

  return (
    <div className="buttons">
      <button type="button" onClick={close}>
        {messages.cancel}
      </button>
      <button type="button" className="danger" disabled={isRunning} onClick={() => void confirm()}>
        {messages.delete}
      </button>
    </div>
  );
}
