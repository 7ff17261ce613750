/** Failures by what their mails have in common; the largest first. */

import type { FailureGroup } from '@posthouse/queue';
import { EmptyState, PageHead } from '@posthouse/web';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { explainReason } from '../reason-explanations.ts';
import { StateBadge } from './badge.tsx';
import { bulkActions } from './bulk-actions.ts';
import { Layout } from './layout.tsx';
import { When } from './when.tsx';

/** @param isCut there may be more groups, smaller than these */
export function FailuresPage({
  context,
  groups,
  isCut,
}: {
  context: PageContext;
  groups: readonly FailureGroup[];
  isCut: boolean;
}): JSX.Element {
  return (
    <Layout context={context} title="Failures" here="/failures" assets={['failures.css']}>
      <PageHead title="Failures" below="Mails in trouble, by what was said to them." />
      {groups.length === 0 ? (
        <EmptyState title="No mail is in trouble">
          <p class="muted">
            Mails that failed, wait for another try, expired or are uncertain appear here, those in the same trouble together.
          </p>
        </EmptyState>
      ) : (
        <ul class="groups">
          {groups.map((group) => (
            <Group context={context} group={group} />
          ))}
        </ul>
      )}
      {isCut && <p class="muted">These are the largest {groups.length} groups. Smaller ones show as these are mended.</p>}
    </Layout>
  );
}

function Group({ context, group }: { context: PageContext; group: FailureGroup }): JSX.Element {
  const { mails, state, reason, template, provider, firstAt, lastAt, sample } = group;
  const words = explainReason(reason);
  return (
    <li class="card group">
      <p class="count number" safe>
        {mails.toLocaleString('en')}
      </p>
      <div class="summary">
        <h2>
          <span class="code" safe>
            {reason}
          </span>{' '}
          {words !== undefined && <span safe>{words}</span>}
        </h2>
        <p class="row tight">
          <StateBadge state={state} />
          <span
            safe
          >{`${template ?? 'written by the caller'} ${provider === undefined ? '· no provider was asked' : `at ${provider}`}`}</span>
        </p>
        <p class="muted">
          First <When context={context} at={firstAt} only="relative" />, last <When context={context} at={lastAt} only="relative" />.{' '}
          <a href={`/mails/${sample}`}>A sample</a>
        </p>
      </div>
      <div class="row">
        <a class="button quiet" href={mailsUrl({ group: group.group })}>
          {mails === 1 ? 'Show it' : 'Show them'}
        </a>
        {context.may('operator') && <GroupActions group={group} />}
      </div>
    </li>
  );
}

/** What helps mails in that state; nothing helps those that expired. */
function GroupActions({ group: { group, state, mails } }: { group: FailureGroup }): JSX.Element {
  const actions = state === 'expired' ? [] : bulkActions([state]).filter(({ action }) => action !== 'cancel');
  return (
    <>
      {actions.map(({ action, word }) => (
        <form action="/bulk/new">
          <input type="hidden" name="group" value={group} />
          <input type="hidden" name="action" value={action} />
          <button type="submit" class="button" safe>
            {mails === 1 ? word : `${word} (${mails.toLocaleString('en')})`}
          </button>
        </form>
      ))}
    </>
  );
}
