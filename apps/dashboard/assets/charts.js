// Draws each chart from the data table beside it (src/overview/traffic-chart.tsx), and again when the data has changed.
// When uPlot could not be loaded, the table is all that is shown.
/* global uPlot */
const series = ['accepted', 'sent', 'failed'];
const plots = new Map();

function dataOf(chart) {
  const rows = [...chart.querySelectorAll('[data-at]')];
  const column = (index) => rows.map((row) => Number(row.querySelectorAll('td')[index].textContent));
  return [rows.map((row) => Number(row.dataset.at) / 1000), ...series.map((_, index) => column(index))];
}

/** The colour of a custom property, as a canvas needs it: light-dark() is resolved only where it is used. */
function colour(name) {
  const probe = document.body.appendChild(document.createElement('span'));
  probe.style.color = `var(--${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** @param steps the number of steps on the x axis; the last one has a width, too */
function optionsFor(plotArea, steps) {
  const axis = {
    stroke: colour('text-muted'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: colour('border'), width: 1 },
    ticks: { show: false },
  };
  // A bar covers the minutes that it counts.
  const bars = uPlot.paths.bars({ size: [0.72, 40], align: 1 });
  const points = { show: false };
  return {
    width: plotArea.clientWidth,
    height: plotArea.clientHeight,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    hooks: { setCursor: [(plot) => showStep(plot, plotArea)] },
    // On the right half of a time, which may stand at the end of the axis.
    padding: [8, 18, 0, 0],
    scales: {
      x: { range: (_, first, last) => [first, last + (last - first) / (steps - 1)] },
      y: { range: (_, _min, max) => [0, Math.max(4, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 64,
        values: (_, times) =>
          times.map((time) => new Date(time * 1000).toLocaleString(document.documentElement.lang, formatOf(steps, times))),
      },
      { ...axis, size: 38, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] },
    ],
    series: [
      {},
      { stroke: colour('chart-accepted'), width: 1.5, dash: [4, 3], paths: uPlot.paths.stepped({ align: 1 }), points },
      { fill: colour('chart-sent'), width: 0, paths: bars, points },
      { fill: colour('chart-failed'), width: 0, paths: bars, points },
    ],
  };
}

/** A day is written where the axis has several. */
function formatOf(steps, times) {
  const isLong = times.length > 1 && times.at(-1) - times[0] > 86_400 && steps > 1;
  return isLong ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
}

/** The row of the table that the pointer is above: its time and numbers beside the pointer. */
function showStep(plot, plotArea) {
  const { idx, left } = plot.cursor;
  const tooltip =
    plotArea.querySelector('.tooltip') ?? plotArea.appendChild(Object.assign(document.createElement('p'), { className: 'tooltip' }));
  const chart = plotArea.closest('[data-chart]');
  const row = left < 0 || idx == null ? undefined : chart.querySelectorAll('[data-at]')[idx];
  tooltip.hidden = row === undefined;
  if (row === undefined) return;
  const names = [...chart.querySelectorAll('thead th')].slice(1).map(({ textContent }) => textContent);
  const numbers = [...row.querySelectorAll('td')].map(({ textContent }, n) => `${names[n]} ${textContent}`);
  tooltip.textContent = `${row.querySelector('th').textContent.trim()} · ${numbers.join(' · ')}`;
  const x = plot.bbox.left / devicePixelRatio + left;
  tooltip.style.left = `${Math.min(Math.max(x - tooltip.offsetWidth / 2, 0), plotArea.clientWidth - tooltip.offsetWidth)}px`;
}

function draw(chart) {
  const plotArea = chart.querySelector('.plot');
  plots.get(chart)?.destroy();
  const data = dataOf(chart);
  const plot = new uPlot(optionsFor(plotArea, data[0].length), data, plotArea);
  plots.set(chart, plot);
  // A click leads where the row of the table does.
  plot.over.addEventListener('click', () => chart.querySelectorAll('[data-at] a')[plot.cursor.idx]?.click());
}

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) plots.get(target.parentElement)?.setSize({ width: target.clientWidth, height: target.clientHeight });
});

for (const chart of 'uPlot' in window ? document.querySelectorAll('[data-chart]') : []) {
  draw(chart);
  resized.observe(chart.querySelector('.plot'));
}

document.addEventListener('htmx:sse:after:message', () => {
  for (const [chart, plot] of plots) plot.setData(dataOf(chart));
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => [...plots.keys()].forEach(draw));
