/** The page of the user who is signed in: role, password and sessions. */
import type { Role } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { Session } from '@posthouse/queue';
import { Fact, Facts, Notice, PageHead, TextField } from '@posthouse/web';
import { ActionForm } from '../ui/elements.tsx';
import { roleName } from '../ui/known-texts.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';
import { SessionTable } from './session-table.tsx';

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
    <Layout context={context} title={t('Account')} here="/account">
      <PageHead title={t('Account')} />
      {isChanged && <Notice tone="good" title={t('The password is changed. Your other sessions have ended.')} />}
      {user.isTemporary && (
        <Notice tone="warn" title={t('Choose a password of your own to go on')}>
          <p safe>{t('Somebody else knows the present one.')}</p>
        </Notice>
      )}
      <section class="card">
        <Facts>
          <Fact name={t('Name')}>
            <span safe>{user.name}</span>
          </Fact>
          <Fact name={t('Role')}>
            <span safe>{roleName(user.role)}</span>
          </Fact>
        </Facts>
      </section>
      {user.keptIn === 'redis' ? <PasswordForm errors={errors} /> : <PasswordElsewhere name={user.name} keptIn={user.keptIn} />}
      <section class="card flush">
        <div class="card-head">
          <h2 safe>{t('Sessions')}</h2>
          {sessions.length > 1 && <ActionForm action="/account/sessions/end" label={t('End all others')} kind="quiet" />}
        </div>
        <SessionTable context={context} sessions={sessions} current={current} from="/account" />
      </section>
    </Layout>
  );
}

function PasswordElsewhere({ name, keptIn }: { name: string; keptIn: 'environment' | 'provider' }): JSX.Element {
  return (
    <section class="card stack">
      <h2 safe>{t('Password')}</h2>
      {keptIn === 'provider' ? (
        <p safe>{t('You sign in with your account at the provider of single sign-on, which keeps your password and your role.')}</p>
      ) : (
        <>
          <p safe>
            {t('Your password is kept in DASHBOARD_USERS. To change it, print a new entry, set it there, and restart the dashboard:')}
          </p>
          <pre class="panel code" tabindex="0" safe>{`npm run users -- ${name}`}</pre>
        </>
      )}
    </section>
  );
}

function PasswordForm({ errors }: { errors: PasswordErrors }): JSX.Element {
  const newPassword = { type: 'password', autocomplete: 'new-password', required: true } as const;
  return (
    <form class="card stack" method="post" action="/account/password">
      <h2 safe>{t('Password')}</h2>
      <div class="fields">
        <TextField
          name="current"
          label={t('Present password')}
          type="password"
          autocomplete="current-password"
          error={errors.current}
          required
        />
        <TextField
          name="password"
          label={t('New password')}
          hint={t('{min} to {max} characters', limits.passwordLength)}
          error={errors.password}
          {...newPassword}
        />
        <TextField name="repeat" label={t('New password again')} error={errors.repeat} {...newPassword} />
      </div>
      <div class="row">
        <button type="submit" class="button" safe>
          {t('Change password')}
        </button>
      </div>
    </form>
  );
}
