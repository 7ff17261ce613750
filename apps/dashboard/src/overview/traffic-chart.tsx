/**
 * Mails received, sent and failed over time: a table, and a chart that assets/charts.js draws from it. Without JavaScript and for screen
 * readers the table has all of the data.
 */
import type { Traffic } from '@posthouse/queue';
import type { PageContext } from '../ui/page-context.ts';

/** A page with a chart has these in `assets`. */
export const chartAssets = ['uplot.css', 'language.js', 'uplot.js', 'charts.js'] as const;

const series = ['accepted', 'sent', 'failed'] as const;
const seriesNames = { accepted: 'Received', sent: 'Sent', failed: 'Failed' };

interface TrafficChartProps {
  context: PageContext;
  title: string;
  /** Oldest first; the last step is not complete yet. */
  traffic: readonly Traffic[];
}

export function TrafficChart({ context, title, traffic }: TrafficChartProps): JSX.Element {
  return (
    <figure class="card chart" data-chart="">
      <figcaption class="card-head">
        <h2 safe>{title}</h2>
        <ul class="row legend">
          {series.map((name) => (
            <li class={name}>
              <span safe>{seriesNames[name]}</span>{' '}
              <b class="number" safe>
                {traffic.reduce((sum, step) => sum + step[name], 0).toLocaleString('en')}
              </b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="plot" hx-morph-skip="" aria-hidden="true"></div>
      <details>
        <summary>Show data</summary>
        <section class="scroll" tabindex="0" aria-label={`${title}: data`}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                {series.map((name) => (
                  <th scope="col" safe>
                    {seriesNames[name]}
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
