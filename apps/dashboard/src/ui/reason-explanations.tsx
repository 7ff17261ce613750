/** What a reason code means, in the language of the page. */
import { type DeliveryStep, type FailureDetails, meaningOfCircuit, meaningOfReason } from '@posthouse/contract';
import { t } from './translate.ts';

/**
 * The code, and its meaning where there is more to say: `550 5.1.1: no such mailbox`.
 * @param step where the server said it, if that is known
 */
export function Reason({ reason, step }: { reason: string; step?: DeliveryStep | undefined }): JSX.Element {
  const meaning = explainReason(reason, step);
  return (
    <span>
      <span class="code" safe>
        {reason}
      </span>
      {meaning !== undefined && <span safe>{`: ${meaning}`}</span>}
    </span>
  );
}

/**
 * @param step where the server said it: the same code means different things at different steps
 * @returns one clause that continues `550 5.1.1: …`, in the language of the page; undefined for an unknown code
 */
export function explainReason(reason: string, step?: DeliveryStep): string | undefined {
  const meaning = meaningOfReason(reason, step);
  return meaning === undefined ? undefined : t(meaning);
}

/** Why a provider is not used, as {@link explainReason}: what its words say of the account comes before its code. */
export function explainCircuit(circuit: FailureDetails & { reason: string }): string | undefined {
  const meaning = meaningOfCircuit(circuit);
  return meaning === undefined ? undefined : t(meaning);
}
