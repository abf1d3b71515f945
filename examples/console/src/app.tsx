import { ApolloProvider } from '@apollo/client/react';
import { useState } from 'react';
import { createApolloClient } from './apollo.ts';
import { FollowProvider } from './follow.tsx';
import { Header } from './header.tsx';
import type { Identity } from './identity.ts';
import { NoticeProvider } from './notice.tsx';
import { SignIn } from './sign-in.tsx';
import { VolumesPage } from './volumes-page.tsx';

interface Session {
  readonly identity: Identity;
  readonly client: ReturnType<typeof createApolloClient>;
}

export function App() {
  const [session, setSession] = useState<Session | null>(null);

  function signIn(identity: Identity) {
    setSession({ identity, client: createApolloClient(identity) });
  }

  function signOut() {
    session?.client.stop();
    setSession(null);
  }

  if (!session) {
    return (
      <>
        <Header />
        <SignIn onSignIn={signIn} />
      </>
    );
  }
  return (
    <ApolloProvider client={session.client}>
      <Header tenant={session.identity.tenant} onSignOut={signOut} />
      <NoticeProvider>
        <FollowProvider>
          <VolumesPage />
        </FollowProvider>
      </NoticeProvider>
    </ApolloProvider>
  );
}
