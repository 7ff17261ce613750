/**
 * Accepted, sent and failed over time: a table, and a chart that assets/charts.js draws from that table. Without JavaScript, and for
 * those who hear the page, the table is all there is to it.
 */
import type { Traffic } from '@posthouse/queue';
import type { PageContext } from '../page-context.ts';

/** What a page with a chart has in `assets`. */
export const chartAssets = ['uplot.css', 'uplot.js', 'charts.js'] as const;

const kinds = ['accepted', 'sent', 'failed'] as const;
const words = { accepted: 'Accepted by us', sent: 'Accepted by the relay', failed: 'Failed' };

/** @param traffic oldest first; the last one is still going on */
export function TrafficChart({
  context,
  title,
  traffic,
}: {
  context: PageContext;
  title: string;
  traffic: readonly Traffic[];
}): JSX.Element {
  return (
    <figure class="card chart" data-chart="">
      <figcaption class="card-head">
        <h2 safe>{title}</h2>
        <ul class="row legend">
          {kinds.map((kind) => (
            <li class={kind}>
              <span safe>{words[kind]}</span>{' '}
              <b class="number" safe>
                {traffic.reduce((sum, each) => sum + each[kind], 0).toLocaleString('en')}
              </b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="plot" hx-morph-skip="" aria-hidden="true"></div>
      <details>
        <summary>The figures</summary>
        <section class="scroll" tabindex="0" aria-label={`${title}: the figures`}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                {kinds.map((kind) => (
                  <th scope="col" safe>
                    {words[kind]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {traffic.map(({ at, accepted, sent, failed }) => (
                <tr data-at={String(at)}>
                  <th scope="row" safe>
                    {context.time.timeOfDay(at)}
                  </th>
                  <td>{accepted}</td>
                  <td>{sent}</td>
                  <td>{failed}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}
