/** Names and their values, one below the other. */
import type { PropsWithChildren } from '@kitajs/html';

/** What is known of something; its children are `Fact`s. */
export function Facts({ children }: PropsWithChildren): JSX.Element {
  return <dl class="facts">{children}</dl>;
}

/** One name; the children are its value. */
export function Fact({ name, children }: PropsWithChildren<{ name: string }>): JSX.Element {
  return (
    <div>
      <dt safe>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
