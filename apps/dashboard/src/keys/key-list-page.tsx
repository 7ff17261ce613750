/** The list of API keys, and the form that makes one. */
import { formatKeyRights } from '@posthouse/access';
import type { ApiKeyInfo } from '@posthouse/queue';
import { EmptyState, Notice, PageHead, TextField } from '@posthouse/web';
import { DataTable } from '../ui/data-table.tsx';
import { When, WhenBy } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t, text } from '../ui/translate.ts';

/** A form as it was entered, with what is wrong in it. */
export interface KeyForm {
  name: string;
  rights: string;
  nameError?: string;
  rightsError?: string;
}

/** Below the field for rights; to be translated. */
export const rightsHint = text(
  'Joined by +: send, read-own or read-all, content, act-own or act-all, metrics, from=<domain>, template=<name>, rate=<mails>/<s, min or h>',
);

const columns = [text('Name'), text('Rights'), text('Created'), text('Last used')];

interface KeyListProps {
  context: PageContext;
  keys: readonly ApiKeyInfo[];
  /** Names of keys that cannot be read. */
  unreadable: readonly string[];
  form: KeyForm;
}

export function KeyListPage({ context, keys, unreadable, form }: KeyListProps): JSX.Element {
  return (
    <Layout context={context} title={t('API keys')} here="/keys">
      <PageHead title={t('API keys')} below={t('Every API process knows a change within 2 s. Keys in API_KEYS are not listed.')} />
      {unreadable.length > 0 && (
        <Notice tone="bad" title={t('Some keys cannot be read with this POSTHOUSE_SECRET, and are not accepted')}>
          <p safe>{unreadable.join(', ')}</p>
        </Notice>
      )}
      <section class="card flush">
        {keys.length === 0 ? (
          <EmptyState title={t('No API keys')} />
        ) : (
          <DataTable
            label={t('API keys')}
            columns={columns.map((title) => ({ title: t(title) }))}
            rows={keys.map((key) => row(context, key))}
          />
        )}
      </section>
      <form class="card stack" method="post" action="/keys">
        <h2 safe>{t('New API key')}</h2>
        <div class="fields">
          <TextField
            name="name"
            label={t('Name of the application')}
            value={form.name}
            hint={t('Such as signup-service')}
            error={form.nameError}
            required
          />
        </div>
        <TextField name="rights" label={t('Rights')} value={form.rights} hint={t(rightsHint)} error={form.rightsError} required />
        <div class="row">
          <button type="submit" class="button" safe>
            {t('Create')}
          </button>
        </div>
      </form>
    </Layout>
  );
}

function row(context: PageContext, { name, rights, createdAt, createdBy, usedAt }: ApiKeyInfo): JSX.Element[] {
  return [
    <a href={`/keys/${name}`} safe>
      {name}
    </a>,
    <span class="code" safe>
      {formatKeyRights(rights).replaceAll('+', ' + ')}
    </span>,
    <WhenBy context={context} at={createdAt} by={createdBy} only="dateTime" />,
    usedAt === undefined ? (
      <span class="muted" safe>
        {t('not used yet')}
      </span>
    ) : (
      <When context={context} at={usedAt} only="relative" />
    ),
  ];
}
