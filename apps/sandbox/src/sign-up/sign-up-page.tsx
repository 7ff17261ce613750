/** The sign-up page of "오늘은 너네집". */
import { Layout } from '../site/layout.tsx';
import type { PageContext } from '../site/page-context.ts';
import type { SignUpForm } from './sign-up-form.ts';
import { StreetIllustration } from './street-illustration.tsx';

/** @param form empty, or as it was posted, with its errors */
export function SignUpPage({ context, form }: { context: PageContext; form: SignUpForm }): JSX.Element {
  const { translations } = context;
  const { nickname, email } = form.errors;
  return (
    <Layout context={context} title={translations.signUpTitle} current="/">
      <div class="card split">
        <StreetIllustration>
          <h1 safe>{translations.headline}</h1>
          <p safe>{translations.lead}</p>
        </StreetIllustration>
        <form class="split-body" method="post" action={context.link('/')} novalidate>
          <h2 safe>{translations.signUpTitle}</h2>
          {(nickname || email) && (
            <p class="alert" role="alert" safe>
              {translations.correctFields}
            </p>
          )}
          <Field
            name="nickname"
            type="text"
            autocomplete="nickname"
            label={translations.nickname}
            hint={translations.nicknameHint}
            value={form.nickname}
            error={nickname && translations[nickname]}
            focused={nickname !== undefined}
          />
          <Field
            name="email"
            type="email"
            autocomplete="email"
            label={translations.email}
            hint={translations.emailHint}
            value={form.email}
            error={email && translations[email]}
            focused={nickname === undefined && email !== undefined}
          />
          <button type="submit" safe>
            {translations.submit}
          </button>
        </form>
      </div>
    </Layout>
  );
}

interface FieldProps {
  name: string;
  type: string;
  autocomplete: string;
  label: string;
  hint: string;
  value: string;
  /** Replaces the hint. */
  error: string | undefined;
  focused: boolean;
}

function Field({ name, type, autocomplete, label, hint, value, error, focused }: FieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      <input
        id={name}
        name={name}
        type={type}
        value={value}
        autocomplete={autocomplete}
        spellcheck="false"
        autocapitalize="off"
        required
        autofocus={focused}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={`${name}-hint`}
      />
      <p id={`${name}-hint`} class={error === undefined ? 'hint' : 'hint error'} safe>
        {error ?? hint}
      </p>
    </div>
  );
}
