import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { createFormats, type Formats } from './format.ts';
import { type Language, languages, type Messages, preferredLanguage } from './messages.ts';

interface LanguageContextValue {
  readonly language: Language;
  readonly messages: Messages;
  readonly formats: Formats;
  readonly regionName: (region: { readonly code: string; readonly name: string }) => string;
  readonly setLanguage: (language: Language) => void;
}

const LanguageContext = createContext<LanguageContextValue | null>(null);

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(() => preferredLanguage(navigator.languages));

  // Screen readers choose their voice by it, and browsers their glyphs.
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const value = useMemo(() => createValue(language, setLanguage), [language]);
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

function createValue(language: Language, setLanguage: (language: Language) => void): LanguageContextValue {
  const { messages } = languages[language];
  return {
    language,
    messages,
    formats: createFormats(language),
    regionName: ({ code, name }) => messages.regions[code] ?? name,
    setLanguage,
  };
}

export function useLanguage(): LanguageContextValue {
  const value = use(LanguageContext);
  if (!value) throw new Error('There is no LanguageProvider above');
  return value;
}

export function LanguageSwitch() {
  const { language, setLanguage } = useLanguage();
  return (
    // Each language by its own name, so that those who cannot read the page find theirs.
    <fieldset className="language-switch">
      <legend className="visually-hidden">Language · 언어</legend>
      {(['ko', 'en'] as const).map((code) => (
        <label key={code} lang={code}>
          <input type="radio" name="language" checked={code === language} onChange={() => setLanguage(code)} />
          <span>{languages[code].name}</span>
        </label>
      ))}
    </fieldset>
  );
}
