/** What a new member sees: a welcome, and where the welcome mail is at this moment. */
import type { PageContext } from '../page-context.ts';
import type { Member } from '../sign-up.ts';
import { DeliveryProgress, type JourneyProps } from './delivery-progress.tsx';
import { Layout } from './layout.tsx';
import { Street } from './street.tsx';

/** Who reads, who joined, and what is known of their mail. */
export interface MemberPageProps {
  context: PageContext;
  member: Member;
  journey: JourneyProps;
  /** URL of the stream that keeps the journey fresh; undefined when nothing will change any more. */
  events: string | undefined;
}

/** The whole page. */
export function MemberPage({ context, member, journey, events }: MemberPageProps): JSX.Element {
  const { translations, link } = context;
  return (
    <Layout context={context} title={translations.journey} {...(events !== undefined && { events })}>
      <div class="card house">
        <Street>
          <h1 safe>{translations.hello(member.nickname)}</h1>
        </Street>
        <div class="inside">
          <h2 safe>{translations.journey}</h2>
          <p safe>{translations.joined(member.email)}</p>
          <div id="journey" role="status">
            <DeliveryProgress {...journey} />
          </div>
          <p class="aside">
            <a href={link('/')} safe>
              {translations.joinAgain}
            </a>
          </p>
        </div>
      </div>
    </Layout>
  );
}
