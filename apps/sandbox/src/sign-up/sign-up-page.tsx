/** The sign-up page of "오늘은 너네집". */
import { Notice, TextField } from '@posthouse/web';
import { Layout } from '../site/layout.tsx';
import type { PageContext } from '../site/page-context.ts';
import type { SignUpForm } from './sign-up-form.ts';
import { StreetIllustration } from './street-illustration.tsx';

/** @param form empty, or as it was posted, with its errors */
export function SignUpPage({ context, form }: { context: PageContext; form: SignUpForm }): JSX.Element {
  const { translations } = context;
  const { nickname, email } = form.errors;
  return (
    <Layout context={context} title={translations.signUpTitle} style="sign-up.css" current="/">
      <div class="card split">
        <StreetIllustration>
          <h1 safe>{translations.headline}</h1>
          <p safe>{translations.lead}</p>
        </StreetIllustration>
        <form class="split-body" method="post" action={context.link('/')} novalidate>
          <h2 safe>{translations.signUpTitle}</h2>
          {(nickname || email) && <Notice tone="bad" title={translations.correctFields} />}
          <TextField
            name="nickname"
            autocomplete="nickname"
            label={translations.nickname}
            hint={translations.nicknameHint}
            value={form.nickname}
            error={nickname && translations[nickname]}
            autofocus={nickname !== undefined}
            required
          />
          <TextField
            name="email"
            type="email"
            autocomplete="email"
            label={translations.email}
            hint={translations.emailHint}
            value={form.email}
            error={email && translations[email]}
            autofocus={nickname === undefined && email !== undefined}
            required
          />
          <button class="button" type="submit" safe>
            {translations.submit}
          </button>
        </form>
      </div>
    </Layout>
  );
}
