/** The most seconds that are passed on: a day. */
const maxSeconds = 86_400;

/** The statuses with which a server may ask to wait (RFC 9110, 10.2.3; RFC 6585, 4), apart from redirects. */
const mayCarryRetryAfter = (status: number) => status === 413 || status === 429 || status >= 500;

/**
 * The seconds that a response asks to wait before the next request, a whole number; null if it asks for none. Zero asks
 * for none: Cinder sends it with an exceeded quota (FACTS 4).
 * @param retryAfter `Retry-After` as sent. Anything but digits or a date is ignored.
 * @param date `Date` as sent. The region's clock may differ from the gateway's, so a date in `Retry-After` is compared with this one.
 */
export function secondsToWait(status: number, retryAfter: string | null, date: string | null): number | null {
  if (retryAfter === null || !mayCarryRetryAfter(status)) return null;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (parseDate(retryAfter) - sentAt(date)) / 1000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), maxSeconds) : null;
}

function sentAt(date: string | null): number {
  const sent = parseDate(date ?? '');
  return Number.isNaN(sent) ? Date.now() : sent;
}

const month = '(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const time = '(?<time>\\d\\d:\\d\\d:\\d\\d)';

/** The forms of a date in HTTP (RFC 9110, 5.6.7). */
const forms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^[A-Z][a-z]{2} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/** A date in milliseconds since 1970; `NaN` if it has none of the forms. */
function parseDate(text: string): number {
  for (const form of forms) {
    const { day, month, year, time } = form.exec(text)?.groups ?? {};
    if (year !== undefined) return Date.parse(`${day} ${month} ${fullYear(year)} ${time} GMT`);
  }
  return Number.NaN;
}

/** A two-digit year is the latest year with these digits that is at most 50 years in the future (RFC 9110, 5.6.7). */
function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  const now = new Date().getUTCFullYear();
  const ahead = (Number(year) - (now % 100) + 100) % 100;
  return now + (ahead > 50 ? ahead - 100 : ahead);
}
