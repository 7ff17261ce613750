/** The page of one user, and the confirmation of a removal. */
import type { Session } from '@posthouse/queue';
import { ChoiceField, Fact, Facts, Notice, PageHead, TextField } from '@posthouse/web';
import { SessionTable } from '../account/session-table.tsx';
import { ActionForm, When, WhenBy } from '../ui/elements.tsx';
import { roleName } from '../ui/known-texts.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { RemovalPage } from '../ui/removal-page.tsx';
import { Text, t } from '../ui/translate.ts';
import { type ListedUser, passwordForOthersHint, roleChoices } from './user-list-page.tsx';

interface UserPageProps {
  context: PageContext;
  user: ListedUser;
  /** Those of the user. */
  sessions: readonly Session[];
  /** The id of the session of the request. */
  current: string;
  /** What is wrong with the password that was entered. */
  passwordError?: string;
}

export function UserPage({ context, user, sessions, current, passwordError }: UserPageProps): JSX.Element {
  const { name, role, created, signedInAt, isTemporary } = user;
  return (
    <Layout context={context} title={t('User {name}', { name })} here="/users">
      <PageHead title={t('User {name}', { name })} />
      <section class="card">
        <Facts>
          <Fact name={t('Role')}>
            <span safe>{roleName(role)}</span>
          </Fact>
          {created !== undefined && (
            <Fact name={t('Created')}>
              <WhenBy context={context} at={created.at} by={created.by} />
            </Fact>
          )}
          <Fact name={t('Last sign-in')}>
            {signedInAt === undefined ? <span safe>{t('not yet')}</span> : <When context={context} at={signedInAt} />}
          </Fact>
          {isTemporary && (
            <Fact name={t('Password')}>
              <Text of="has to be replaced by the user" />
            </Fact>
          )}
        </Facts>
      </section>
      {created === undefined ? (
        <Notice tone="info" title={t('This user is in DASHBOARD_USERS')}>
          <p safe>{t('Role and password are changed there, and the dashboard is restarted. Sessions can be ended here.')}</p>
        </Notice>
      ) : (
        <UserForms user={user} passwordError={passwordError} />
      )}
      <section class="card flush">
        <div class="card-head">
          <h2 safe>{t('Sessions')}</h2>
          {sessions.length > 0 && <ActionForm action={`/users/${name}/sessions/end`} label={t('End all')} kind="quiet" />}
        </div>
        <SessionTable context={context} sessions={sessions} current={current} from={`/users/${name}`} />
      </section>
    </Layout>
  );
}

function UserForms({ user: { name, role }, passwordError }: { user: ListedUser; passwordError: string | undefined }): JSX.Element {
  return (
    <>
      <form class="card stack" method="post" action={`/users/${name}/role`}>
        <h2 safe>{t('Role')}</h2>
        <div class="fields">
          <ChoiceField name="role" label={t('This user is')} choices={roleChoices()} value={role} />
        </div>
        <div class="row">
          <button type="submit" class="button" safe>
            {t('Save')}
          </button>
        </div>
      </form>
      <form class="card stack" method="post" action={`/users/${name}/password`}>
        <h2 safe>{t('Reset password')}</h2>
        <p class="muted" safe>
          {t(
            'The sessions of the user end. The user can sign in with the new password until it is replaced, and can do nothing else before that.',
          )}
        </p>
        <div class="fields">
          <TextField
            name="password"
            label={t('New password')}
            type="password"
            autocomplete="new-password"
            hint={passwordForOthersHint()}
            error={passwordError}
          />
        </div>
        <div class="row">
          <button type="submit" class="button quiet" safe>
            {t('Reset')}
          </button>
          <a class="button danger" href={`/users/${name}/remove`} safe>
            {t('Remove user…')}
          </a>
        </div>
      </form>
    </>
  );
}

export function RemovePage({ context, name }: { context: PageContext; name: string }): JSX.Element {
  return (
    <RemovalPage
      context={context}
      here="/users"
      title={t('Remove the user {name}?', { name })}
      effect={t('The sessions of the user end. What the user did stays in the audit log.')}
      action={`/users/${encodeURIComponent(name)}/remove`}
      label={t('Remove')}
      back="/users"
    />
  );
}
