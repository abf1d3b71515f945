import { LanguageSwitch, useLanguage } from './language.tsx';

interface HeaderProps {
  readonly tenant?: string;
  readonly onSignOut?: () => void;
}

export function Header({ tenant, onSignOut }: HeaderProps) {
  const { messages } = useLanguage();
  return (
    <header className="header">
      <span className="product">
        <img src="/icon.svg" alt="" width="24" height="24" />
        <span>{messages.product}</span>
      </span>
      <LanguageSwitch />
      {tenant && (
        <span className="tenant" title={tenant}>
          <span className="visually-hidden">{messages.tenant} </span>
          {tenant}
        </span>
      )}
      {onSignOut && (
        <button type="button" className="quiet" onClick={onSignOut}>
          {messages.signOut}
        </button>
      )}
    </header>
  );
}
