import { Field } from './field.tsx';
import { type Fields, Form } from './form.tsx';
import type { Identity } from './identity.ts';
import { useLanguage } from './language.tsx';

export function SignIn({ onSignIn }: { readonly onSignIn: (identity: Identity) => void }) {
  const { messages } = useLanguage();

  function submit({ token = '', tenant = '' }: Fields) {
    onSignIn({ token: token.trim(), tenant: tenant.trim() });
  }

  return (
    <main className="sign-in">
      <h1>{messages.signInTitle}</h1>
      <p className="muted">{messages.signInHint}</p>
      <Form className="form" onSubmit={submit}>
        <Field label={messages.token}>
          {/* Browsers must not offer to keep it. */}
          <input
            name="token"
            type="password"
            autoComplete="off"
            required
            defaultValue={import.meta.env.VITE_TOKEN ?? ''}
          />
        </Field>
        <Field label={messages.tenant}>
          <input
            name="tenant"
            autoComplete="off"
            spellCheck={false}
            required
            pattern="[A-Za-z0-9_\-]{1,64}"
            defaultValue={import.meta.env.VITE_TENANT ?? ''}
          />
        </Field>
        <button type="submit" className="primary">
          {messages.signIn}
        </button>
      </Form>
    </main>
  );
}
