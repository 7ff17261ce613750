/** A reason as machines write it, and what it means. */
import { explainReason } from '../reason-explanations.ts';

/** @param reason of a recipient, an attempt or a failure group */
export function Reason({ reason }: { reason: string }): JSX.Element {
  const words = explainReason(reason);
  return (
    <span>
      <span class="code" safe>
        {reason}
      </span>
      {words !== undefined && <span safe>{`: ${words}`}</span>}
    </span>
  );
}
