/** `/failures`: failing mails in groups with the same state, reason, template and provider; the largest group first. */
import { type FailureGroup, FailureGroups, type RequestConnection } from '@posthouse/queue';
import { EmptyState, PageHead, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { actionLabels, bulkActionsFor } from '../mails/mail-actions.ts';
import { mailsUrl } from '../mails/mail-search.ts';
import { StateBadge } from '../ui/badge.tsx';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';

/** Groups shown; further ones are small. */
const maxGroups = 100;

/** @returns the route, as a plugin */
export function failureRoutes(connection: RequestConnection): FastifyPluginAsync {
  const failures = new FailureGroups(connection);
  return async (app) => {
    app.get('/failures', async ({ context }, reply) => {
      const groups = await failures.top(maxGroups);
      return sendPage(reply, <FailuresPage context={context} groups={groups} mayHaveMore={groups.length === maxGroups} />);
    });
  };
}

interface FailuresPageProps {
  context: PageContext;
  groups: readonly FailureGroup[];
  /** There may be more groups, smaller than these. */
  mayHaveMore: boolean;
}

function FailuresPage({ context, groups, mayHaveMore }: FailuresPageProps): JSX.Element {
  return (
    <Layout context={context} title="Failures" here="/failures" assets={['failures.css']}>
      <PageHead title="Failures" below="Failing mails by server response" />
      {groups.length === 0 ? (
        <EmptyState title="No failing mails">
          <p class="muted">Mails that failed, are being retried, expired or are uncertain appear here in groups.</p>
        </EmptyState>
      ) : (
        <ul class="groups">
          {groups.map((group) => (
            <Group context={context} group={group} />
          ))}
        </ul>
      )}
      {mayHaveMore && <p class="muted">The {groups.length} largest groups are shown. Smaller ones appear when these are resolved.</p>}
    </Layout>
  );
}

function Group({ context, group }: { context: PageContext; group: FailureGroup }): JSX.Element {
  const { mails, state, reason, template, provider, firstAt, lastAt, sample } = group;
  const meaning = explainReason(reason);
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
          {meaning !== undefined && <span safe>{meaning}</span>}
        </h2>
        <p class="row tight">
          <StateBadge state={state} />
          <span safe>{`${template ?? 'Custom content'} ${provider === undefined ? '· not sent to a provider' : `via ${provider}`}`}</span>
        </p>
        <p class="muted">
          First <When context={context} at={firstAt} only="relative" />, last <When context={context} at={lastAt} only="relative" />.{' '}
          <a href={`/mails/${sample}`}>Example</a>
        </p>
      </div>
      <div class="row">
        <a class="button quiet" href={mailsUrl({ group: group.group })}>
          {mails === 1 ? 'Show mail' : 'Show mails'}
        </a>
        {context.may('operator') && <GroupActions group={group} />}
      </div>
    </li>
  );
}

/** The actions that can resolve the group; none for expired mails. */
function GroupActions({ group: { group, state, mails } }: { group: FailureGroup }): JSX.Element {
  const actions = state === 'expired' ? [] : bulkActionsFor([state]).filter((action) => action !== 'cancel');
  return (
    <>
      {actions.map((action) => (
        <form action="/bulk/new">
          <input type="hidden" name="group" value={group} />
          <input type="hidden" name="action" value={action} />
          <button type="submit" class="button" safe>
            {mails === 1 ? actionLabels[action] : `${actionLabels[action]} (${mails.toLocaleString('en')})`}
          </button>
        </form>
      ))}
    </>
  );
}
