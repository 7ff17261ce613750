/** What the review of a bulk action says of its mails: which causes it concerns, what it leaves out, and what is rejected again. */
import type { MailState } from '@posthouse/contract';
import {
  applicableStates,
  type BulkActions,
  type BulkCause,
  type BulkEstimate,
  type FailureGroup,
  type FailureGroups,
  type MailCount,
  type MailList,
} from '@posthouse/queue';
import { isAddressUnknown } from '../mails/mail-actions.ts';
import type { BulkRequest } from './bulk-request.ts';

/** Failure groups that a bulk action names, the largest first. */
const maxCauses = 20;

/** What is reviewed. */
export interface BulkReview {
  estimate: BulkEstimate;
  /** Why the mails fail, where failure groups were chosen: of those that the action concerns. */
  causes?: BulkCause[];
  /** Mails of chosen failure groups whose state the action does not apply to. */
  leftOut: { state: MailState; mails: number }[];
  /** Mails of a retry that a server rejected because it knows no such address. */
  rejectedAgain: MailCount;
}

/** Counts what the review of a bulk action says. */
export class BulkReviewer {
  readonly #bulkActions: BulkActions;
  readonly #groups: FailureGroups;
  readonly #list: MailList;

  constructor(bulkActions: BulkActions, groups: FailureGroups, list: MailList) {
    this.#bulkActions = bulkActions;
    this.#groups = groups;
    this.#list = list;
  }

  /** @throws QueueUnavailable */
  async review(request: BulkRequest): Promise<BulkReview> {
    const [estimate, chosen, rejectedAgain] = await Promise.all([
      this.#bulkActions.estimate(request.action, request.scope),
      this.#chosen(request),
      this.#rejectedAgain(request),
    ]);
    const leftOut = new Map<MailState, number>();
    for (const { state, mails } of chosen?.filter((group) => !applies(request, group)) ?? [])
      leftOut.set(state, (leftOut.get(state) ?? 0) + mails);
    const causes = causesIn(request, chosen);
    return {
      estimate,
      ...(causes !== undefined && { causes }),
      leftOut: [...leftOut].map(([state, mails]) => ({ state, mails })),
      rejectedAgain,
    };
  }

  /** The causes alone. @throws QueueUnavailable */
  async causes(request: BulkRequest): Promise<BulkCause[] | undefined> {
    return causesIn(request, await this.#chosen(request));
  }

  async #chosen({ scope }: BulkRequest): Promise<FailureGroup[] | undefined> {
    return 'filter' in scope && scope.filter.group !== undefined ? await this.#groups.find(scope.filter.group) : undefined;
  }

  async #rejectedAgain(request: BulkRequest): Promise<MailCount> {
    const { action, scope } = request;
    if (action !== 'retry') return { mails: 0, exact: true };
    if ('ids' in scope) {
      const mails = await this.#list.summaries(scope.ids);
      return { mails: mails.filter(({ recipients }) => recipients.some(isAddressUnknown)).length, exact: true };
    }
    const { causes } = await this.#groups.overview({}, 'mails');
    const unknown = causes
      .filter(({ reason }) => isAddressUnknown({ state: 'rejected', reason }))
      .flatMap(({ groups }) => groups.filter((group) => applies(request, group)).map(({ group }) => group));
    const group = unknown.filter((id) => scope.filter.group?.includes(id) ?? true);
    return group.length === 0 ? { mails: 0, exact: true } : await this.#list.count({ ...scope.filter, group });
  }
}

function applies({ action }: BulkRequest, { state }: FailureGroup): boolean {
  return applicableStates[action].includes(state);
}

function causesIn(request: BulkRequest, chosen: readonly FailureGroup[] | undefined): BulkCause[] | undefined {
  return chosen
    ?.filter((group) => applies(request, group))
    .sort((a, b) => b.mails - a.mails)
    .slice(0, maxCauses);
}
