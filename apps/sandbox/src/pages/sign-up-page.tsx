/** "오늘은 너네집": the page on which a member joins. */
import type { PageContext } from '../page-context.ts';
import type { SignUpForm } from '../sign-up-form.ts';
import { Layout } from './layout.tsx';
import { Street } from './street.tsx';

/** The form, empty or as it was sent. */
export function SignUpPage({ context, form }: { context: PageContext; form: SignUpForm }): JSX.Element {
  const { translations } = context;
  const { nickname, email } = form.faults;
  return (
    <Layout context={context} title={translations.joinTitle} here="/">
      <div class="card house">
        <Street>
          <h1 safe>{translations.headline}</h1>
          <p safe>{translations.lead}</p>
        </Street>
        <form class="inside" method="post" action={context.link('/')} novalidate>
          <h2 safe>{translations.joinTitle}</h2>
          {(nickname || email) && (
            <p class="alert" role="alert" safe>
              {translations.notYet}
            </p>
          )}
          <Field
            name="nickname"
            type="text"
            autocomplete="nickname"
            label={translations.nickname}
            hint={translations.nicknameHint}
            value={form.nickname}
            fault={nickname && translations[nickname]}
            focused={nickname !== undefined}
          />
          <Field
            name="email"
            type="email"
            autocomplete="email"
            label={translations.email}
            hint={translations.emailHint}
            value={form.email}
            fault={email && translations[email]}
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
  fault: string | undefined;
  focused: boolean;
}

function Field({ name, type, autocomplete, label, hint, value, fault, focused }: FieldProps): JSX.Element {
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
        aria-invalid={fault === undefined ? undefined : 'true'}
        aria-describedby={`${name}-hint`}
      />
      <p id={`${name}-hint`} class={fault === undefined ? 'hint' : 'hint fault'} safe>
        {fault ?? hint}
      </p>
    </div>
  );
}
