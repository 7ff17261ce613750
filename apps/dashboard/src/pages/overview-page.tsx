/** The first page: how it goes. */
import type { Reader } from '../reader.ts';
import { Layout, PageHead } from './layout.tsx';
import { Notice } from './notice.tsx';

/** @param redis whether Redis answers */
export function OverviewPage({ reader, redis }: { reader: Reader; redis: boolean }): JSX.Element {
  return (
    <Layout reader={reader} title="Overview" here="/">
      <PageHead title="Overview" below="How it goes." />
      {redis ? <Notice tone="good" title="The queue answers." /> : <Notice tone="bad" title="Redis does not answer." />}
    </Layout>
  );
}
