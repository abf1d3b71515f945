import type { ReactNode } from 'react';

interface FieldProps {
  readonly label: string;
  /** The control that the label belongs to. */
  readonly children: ReactNode;
}

export function Field({ label, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what stands inside
    <label className="field">
      <span>{label}</span>
      {children}
    </label>
  );
}
