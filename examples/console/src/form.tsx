import type { ReactNode } from 'react';

/** What was typed or chosen, by the names of the fields; a box that is not checked is not there. */
export type Fields = Partial<Record<string, string>>;

interface FormProps {
  readonly className: 'form' | 'inline-form';
  readonly onSubmit: (fields: Fields, form: HTMLFormElement) => void | Promise<void>;
  readonly children: ReactNode;
}

/** Not a form with an `action`: React empties the fields of those, also where what was submitted failed. */
export function Form({ className, onSubmit, children }: FormProps) {
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void onSubmit(Object.fromEntries([...new FormData(form)].filter(isText)), form);
      }}
    >
      {children}
    </form>
  );
}

/** Only fields for files have anything else. */
function isText(field: [string, FormDataEntryValue]): field is [string, string] {
  return typeof field[1] === 'string';
}
