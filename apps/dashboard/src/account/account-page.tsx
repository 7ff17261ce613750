/** The page of the user who is signed in: role, password and sessions. */
import type { Role } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { Session } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead, TextField } from '@posthouse/web';
import { ActionForm } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { SessionTable } from './session-table.tsx';

const { min, max } = limits.passwordLength;

/** Below a field for a new password. */
export const passwordHint = `${min} to ${max} characters`;

/** What is wrong in the form for a new password. */
export interface PasswordErrors {
  current?: string;
  password?: string;
  repeat?: string;
}

interface AccountPageProps {
  context: PageContext;
  /** `provider` is single sign-on. */
  user: { name: string; role: Role; isTemporary: boolean; keptIn: 'environment' | 'redis' | 'provider' };
  /** Those of the user. */
  sessions: readonly Session[];
  /** The id of the session of the request. */
  current: string;
  errors?: PasswordErrors;
  /** Whether the password has just been changed. */
  isChanged?: boolean;
}

export function AccountPage({ context, user, sessions, current, errors = {}, isChanged = false }: AccountPageProps): JSX.Element {
  return (
    <Layout context={context} title="Account" here="/account">
      <PageHead title="Account" />
      {isChanged && <Notice tone="good" title="The password is changed. Your other sessions have ended." />}
      {user.isTemporary && (
        <Notice tone="warn" title="Choose a password of your own to go on">
          <p>Somebody else knows the present one.</p>
        </Notice>
      )}
      <section class="card">
        <Facts>
          <Fact name="Name">
            <span safe>{user.name}</span>
          </Fact>
          <Fact name="Role">{user.role}</Fact>
        </Facts>
      </section>
      {user.keptIn === 'redis' ? <PasswordForm errors={errors} /> : <PasswordElsewhere name={user.name} keptIn={user.keptIn} />}
      <section class="card flush">
        <div class="card-head">
          <h2>Sessions</h2>
          {sessions.length > 1 && <ActionForm action="/account/sessions/end" label="End all others" kind="quiet" />}
        </div>
        <SessionTable context={context} sessions={sessions} current={current} from="/account" />
      </section>
    </Layout>
  );
}

function PasswordElsewhere({ name, keptIn }: { name: string; keptIn: 'environment' | 'provider' }): JSX.Element {
  return (
    <section class="card stack">
      <h2>Password</h2>
      {keptIn === 'provider' ? (
        <p>You sign in with your account at the provider of single sign-on, which keeps your password and your role.</p>
      ) : (
        <p>
          Your password is kept in <code class="code">DASHBOARD_USERS</code>. To change it, print a new entry with{' '}
          <code class="code" safe>{`npm run users -- ${name}`}</code>, set it there, and restart the dashboard.
        </p>
      )}
    </section>
  );
}

function PasswordForm({ errors }: { errors: PasswordErrors }): JSX.Element {
  const newPassword = { type: 'password', autocomplete: 'new-password', required: true } as const;
  return (
    <form class="card stack" method="post" action="/account/password">
      <h2>Password</h2>
      <div class="fields">
        <TextField
          name="current"
          label="Present password"
          type="password"
          autocomplete="current-password"
          error={errors.current}
          required
        />
        <TextField name="password" label="New password" hint={passwordHint} error={errors.password} {...newPassword} />
        <TextField name="repeat" label="New password again" error={errors.repeat} {...newPassword} />
      </div>
      <div class="row">
        <button type="submit" class="button">
          Change password
        </button>
      </div>
    </form>
  );
}
