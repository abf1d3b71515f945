import type { Language } from './messages.ts';

/** How the language writes numbers, sizes and times. */
export interface Formats {
  readonly count: (value: number) => string;
  /** @param gigabytes as the gateway gives it. */
  readonly size: (gigabytes: number) => string;
  readonly time: (iso: string) => string;
}

export function createFormats(language: Language): Formats {
  const count = new Intl.NumberFormat(language);
  const size = new Intl.NumberFormat(language, { style: 'unit', unit: 'gigabyte' });
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    count: (value) => count.format(value),
    size: (gigabytes) => size.format(gigabytes),
    time: (iso) => time.format(new Date(iso)),
  };
}
