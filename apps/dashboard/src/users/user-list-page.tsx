/** The list of users, the form that makes one, and the sessions of all. */
import { type Role, roles } from '@posthouse/access';
import { limits } from '@posthouse/contract';
import type { Session } from '@posthouse/queue';
import { ChoiceField, Notice, PageHead, TextField } from '@posthouse/web';
import { SessionTable } from '../account/session-table.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When, WhenBy } from '../ui/elements.tsx';
import { roleName } from '../ui/known-texts.ts';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t, text } from '../ui/translate.ts';

/** A user as the list and the page of the user show it. */
export interface ListedUser {
  name: string;
  role: Role;
  /** Who made the user in Redis, and when; absent for one of DASHBOARD_USERS. */
  created: { at: number; by: string } | undefined;
  /** Whether the user still has to choose a password. */
  isTemporary: boolean;
  /** ms since the epoch; undefined before the first sign-in. */
  signedInAt: number | undefined;
}

/** All users, and the names of those in Redis who cannot sign in. */
export interface UserList {
  users: readonly ListedUser[];
  /** Entries that cannot be read with this POSTHOUSE_SECRET. */
  unreadable: readonly string[];
  /** Names that DASHBOARD_USERS has too, and those count. */
  hidden: readonly string[];
}

/** The form as it was entered, with what is wrong in it; a password is not shown again. */
export interface UserForm {
  name: string;
  role: string;
  nameError?: string;
  passwordError?: string;
}

/** For a choice of a role. */
export function roleChoices(): { value: string; label: string }[] {
  return roles.map((role) => ({ value: role, label: roleName(role) }));
}

/** @returns the text below a field for the password of somebody else */
export function passwordForOthersHint(): string {
  return t('{min} to {max} characters; empty: one is generated', limits.passwordLength);
}

const columns = [text('Name'), text('Role'), text('Created'), text('Last sign-in')];

interface UserListProps extends UserList {
  context: PageContext;
  form: UserForm;
  sessions: readonly Session[];
  /** The id of the session of the request. */
  current: string;
}

export function UserListPage({ context, users, unreadable, hidden, form, sessions, current }: UserListProps): JSX.Element {
  return (
    <Layout context={context} title={t('Users')} here="/users">
      <PageHead title={t('Users')} below={t('A change counts at the user’s next request. Users of DASHBOARD_USERS are changed there.')} />
      <Unused names={unreadable} title={t('Some users cannot be read with this POSTHOUSE_SECRET, and cannot sign in')} />
      <Unused names={hidden} title={t('Some users in Redis cannot sign in, because DASHBOARD_USERS has their names')} />
      <section class="card flush">
        <DataTable
          label={t('Users')}
          columns={columns.map((title) => ({ title: t(title) }))}
          rows={users.map((user) => row(context, user))}
        />
      </section>
      <form class="card stack" method="post" action="/users">
        <h2 safe>{t('New user')}</h2>
        <p class="muted" safe>
          {t('The user can sign in with the password until it is replaced, and can do nothing else before that.')}
        </p>
        <div class="fields">
          <TextField
            name="name"
            label={t('Name')}
            value={form.name}
            hint={t('To sign in with, such as anne')}
            error={form.nameError}
            required
          />
          <ChoiceField name="role" label={t('Role')} choices={roleChoices()} value={form.role} />
          <TextField
            name="password"
            label={t('Password')}
            type="password"
            autocomplete="new-password"
            hint={passwordForOthersHint()}
            error={form.passwordError}
          />
        </div>
        <div class="row">
          <button type="submit" class="button" safe>
            {t('Create')}
          </button>
        </div>
      </form>
      <section class="card flush">
        <h2 safe>{t('Sessions')}</h2>
        <SessionTable context={context} sessions={sessions} current={current} from="/users" withUser />
      </section>
    </Layout>
  );
}

function Unused({ names, title }: { names: readonly string[]; title: string }): JSX.Element | null {
  if (names.length === 0) return null;
  return (
    <Notice tone="bad" title={title}>
      <ul>
        {names.map((name) => (
          <li>
            <span safe>{name}</span>:{' '}
            <a href={`/users/${encodeURIComponent(name)}/remove`} safe>
              {t('remove…')}
            </a>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function row(context: PageContext, { name, role, created, isTemporary, signedInAt }: ListedUser): JSX.Element[] {
  return [
    <a href={`/users/${name}`} safe>
      {name}
    </a>,
    <span safe>{roleName(role)}</span>,
    created === undefined ? (
      <span class="muted" safe>
        {t('in DASHBOARD_USERS')}
      </span>
    ) : (
      <WhenBy context={context} at={created.at} by={created.by} only="dateTime" />
    ),
    signedInAt === undefined ? (
      <span class="muted" safe>
        {t('not yet')}
      </span>
    ) : (
      <span>
        <When context={context} at={signedInAt} only="relative" />
        {isTemporary && <span class="muted" safe>{`; ${t('has to choose a password')}`}</span>}
      </span>
    ),
  ];
}
