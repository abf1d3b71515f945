import { en } from './messages/en.ts';
import { ko } from './messages/ko.ts';

export type Language = 'en' | 'ko';

/** What every language has to say: what English says. */
export type Messages = typeof en;

export const languages: Readonly<Record<Language, { readonly name: string; readonly messages: Messages }>> = {
  en: { name: 'English', messages: en },
  ko: { name: '한국어', messages: ko },
};

/** The first of what the browser asks for that there is. @param tags such as `ko-KR`. */
export function preferredLanguage(tags: readonly string[]): Language {
  return tags.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

function isLanguage(code: string): code is Language {
  return code in languages;
}
