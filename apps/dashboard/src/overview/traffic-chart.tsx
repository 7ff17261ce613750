/**
 * Mails received, sent and failed over time: a table, and a chart that assets/charts.js draws from it. A point of the chart, and a row of
 * the table, leads to the mails that were received then. Without JavaScript and for screen readers the table has all of the data.
 */
import type { Traffic } from '@posthouse/queue';
import { Tabs } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import type { PageContext } from '../ui/page-context.ts';
import { formatNumber, pageLocale, t, text } from '../ui/translate.ts';
import { type Period, type PeriodTraffic, periods } from './traffic-reader.ts';

/** A page with a chart has these in `assets`. */
export const chartAssets = ['uplot.css', 'language.js', 'uplot.js', 'charts.js'] as const;

const series = ['accepted', 'sent', 'failed'] as const;
const seriesNames = { accepted: text('Mails received'), sent: text('Sent'), failed: text('Failed') };

const periodNames: Readonly<Record<Period, string>> = { hour: text('Hour'), day: text('Day'), week: text('Week') };
const titles: Readonly<Record<Period, string>> = {
  hour: text('Last hour, per minute'),
  day: text('Last 24 hours, per 15 minutes'),
  week: text('Last 7 days, per 2 hours'),
};
const comparisons: Readonly<Record<Period, string>> = {
  hour: text('{percent} than in the hour before'),
  day: text('{percent} than in the day before'),
  week: text('{percent} than in the week before'),
};

export function TrafficChart({ context, traffic }: { context: PageContext; traffic: PeriodTraffic }): JSX.Element {
  const { period, steps, before } = traffic;
  const title = t(titles[period]);
  const tabs = (Object.keys(periods) as Period[]).map((each) => ({
    name: t(periodNames[each]),
    href: each === 'hour' ? '/' : `/?period=${each}`,
    current: each === period,
  }));
  return (
    <figure class="card chart" data-chart="">
      <figcaption class="card-head">
        <h2 safe>{title}</h2>
        <Tabs label={t('Period')} tabs={tabs} />
        <ul class="row legend">
          {series.map((name) => {
            const total = steps.reduce((sum, step) => sum + step[name], 0);
            return (
              <li class={name}>
                <span safe>{t(seriesNames[name])}</span>{' '}
                <b class="number" safe>
                  {formatNumber(total)}
                </b>{' '}
                <span safe>{comparison(period, total, before[name])}</span>
              </li>
            );
          })}
        </ul>
      </figcaption>
      <div class="plot" hx-morph-skip="" aria-hidden="true"></div>
      <Data context={context} traffic={traffic} title={title} />
    </figure>
  );
}

/** A share of fewer mails says nothing: 170 after 1 is not 16,900 % more. */
const minCompared = 10;

/** `20 % more than in the hour before`; nothing where there was too little to compare with. */
export function comparison(period: Period, now: number, before: number): string {
  if (before < minCompared) return '';
  const change = (now - before) / before;
  const percent = new Intl.NumberFormat(pageLocale(), { style: 'percent', maximumFractionDigits: 0 }).format(Math.abs(change));
  if (percent === new Intl.NumberFormat(pageLocale(), { style: 'percent' }).format(0)) return t('as before');
  return t(comparisons[period], { percent: change > 0 ? t('{percent} more', { percent }) : t('{percent} less', { percent }) });
}

function Data({
  context,
  traffic: { period, steps },
  title,
}: {
  context: PageContext;
  traffic: PeriodTraffic;
  title: string;
}): JSX.Element {
  return (
    <details>
      <summary safe>{t('Show data')}</summary>
      <section class="scroll" tabindex="0" aria-label={t('{title}: data', { title })}>
        <table>
          <thead>
            <tr>
              <th scope="col" safe>
                {t('From')}
              </th>
              {series.map((name) => (
                <th scope="col" safe>
                  {t(seriesNames[name])}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <Row context={context} period={period} step={step} />
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function Row({ context, period, step }: { context: PageContext; period: Period; step: Traffic }): JSX.Element {
  const { at } = step;
  const time = period === 'week' ? context.time.dateTime(at) : context.time.timeOfDay(at);
  return (
    <tr data-at={String(at)}>
      <th scope="row">
        <a href={mailsUrl({ from: at, to: at + periods[period].step - 1 })} safe>
          {time}
        </a>
      </th>
      {series.map((name) => (
        <td>{step[name]}</td>
      ))}
    </tr>
  );
}
