/** What a new member sees: a welcome, and where the welcome mail is at this moment. */
import type { Reader } from '../reader.ts';
import type { Member } from '../sign-up.ts';
import { Journey, type JourneyProps } from './journey.tsx';
import { Layout } from './layout.tsx';
import { Street } from './street.tsx';

/** Who reads, who joined, and what is known of their mail. */
export interface MemberPageProps {
  reader: Reader;
  member: Member;
  journey: JourneyProps;
  /** URL of the stream that keeps the journey fresh; undefined when nothing will change any more. */
  events: string | undefined;
}

/** The whole page. */
export function MemberPage({ reader, member, journey, events }: MemberPageProps): JSX.Element {
  const { words, link } = reader;
  return (
    <Layout reader={reader} title={words.journey} {...(events !== undefined && { events })}>
      <div class="card house">
        <Street>
          <h1 safe>{words.hello(member.nickname)}</h1>
        </Street>
        <div class="inside">
          <h2 safe>{words.journey}</h2>
          <p safe>{words.joined(member.email)}</p>
          <div id="journey" role="status">
            <Journey {...journey} />
          </div>
          <p class="aside">
            <a href={link('/')} safe>
              {words.joinAgain}
            </a>
          </p>
        </div>
      </div>
    </Layout>
  );
}
