/** A list of sessions, each with a button that ends it. */
import type { Session } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { unknownBrowser } from '../sign-in/browser-name.ts';
import { DataTable } from '../ui/data-table.tsx';
import { ActionForm, When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t } from '../ui/translate.ts';

export interface SessionTableProps {
  context: PageContext;
  sessions: readonly Session[];
  /** The id of the session that the page is shown in. */
  current: string;
  /** Path of the page, to come back to. */
  from: string;
  /** Whether to name the users. */
  withUser?: boolean;
}

export function SessionTable({ context, sessions, current, from, withUser = false }: SessionTableProps): JSX.Element {
  if (sessions.length === 0) return <EmptyState title={t('No sessions')} />;
  const columns = [
    ...(withUser ? [{ title: t('User') }] : []),
    { title: t('Signed in') },
    { title: t('Last used') },
    { title: t('Network address') },
    { title: t('Browser') },
    { title: t('Action'), hiddenTitle: true },
  ];
  const rows = sessions.map(({ id, name, openedAt, usedAt, address, browser }) => [
    ...(withUser ? [<b safe>{name}</b>] : []),
    <When context={context} at={openedAt} only="dateTime" />,
    <When context={context} at={usedAt} only="relative" />,
    <span class="code" safe>
      {address}
    </span>,
    <span safe>{browser.replace(unknownBrowser, t(unknownBrowser))}</span>,
    id === current ? (
      <span class="muted" safe>
        {t('This session')}
      </span>
    ) : (
      <ActionForm action={`/sessions/${id}/end`} label={t('End session')} kind="quiet" fields={{ from }} />
    ),
  ]);
  return <DataTable label={t('Sessions')} columns={columns} rows={rows} />;
}
