/** "오늘은 너네집": the page on which a member joins. */
import type { Reader } from '../reader.ts';
import type { SignUpForm } from '../sign-up-form.ts';
import { Layout } from './layout.tsx';
import { Street } from './street.tsx';

/** The form, empty or as it was sent. */
export function SignUpPage({ reader, form }: { reader: Reader; form: SignUpForm }): JSX.Element {
  const { words } = reader;
  const { nickname, email } = form.faults;
  return (
    <Layout reader={reader} title={words.joinTitle} here="/">
      <div class="card house">
        <Street>
          <h1 safe>{words.headline}</h1>
          <p safe>{words.lead}</p>
        </Street>
        <form class="inside" method="post" action={reader.link('/')} novalidate>
          <h2 safe>{words.joinTitle}</h2>
          {(nickname || email) && (
            <p class="alert" role="alert" safe>
              {words.notYet}
            </p>
          )}
          <Field
            name="nickname"
            type="text"
            autocomplete="nickname"
            label={words.nickname}
            hint={words.nicknameHint}
            value={form.nickname}
            fault={nickname && words[nickname]}
            focused={nickname !== undefined}
          />
          <Field
            name="email"
            type="email"
            autocomplete="email"
            label={words.email}
            hint={words.emailHint}
            value={form.email}
            fault={email && words[email]}
            focused={nickname === undefined && email !== undefined}
          />
          <button type="submit" safe>
            {words.submit}
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
