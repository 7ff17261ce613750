// The contact sheet: loads the pictures that are looked at, loads them again when their template was saved, filters, and keys.
const sheet = document.getElementById('sheet');
const frames = [...sheet.querySelectorAll('iframe[data-src]')];
const filter = document.querySelector('input[name=q]');
/** Pictures that are on the screen or close to it. */
const near = new Set();
/** Pictures that show their template as it was before. */
const stale = new Set();

/** Pictures that are being loaded. */
const loading = new Set();
/** Templates whose findings are to be counted, each by the element that shows how many. */
const uncounted = new Set();
let isCounting = false;

const templateOf = (frame) => frame.closest('[data-name]').dataset.name;

/** Begins to load a picture. */
function begin(frame) {
  loading.add(frame);
  frame.addEventListener(
    'load',
    () => {
      loading.delete(frame);
      count();
    },
    { once: true },
  );
  frame.src = frame.dataset.src;
}

/** Counts the findings of each template that is looked at, one after the other: a check would hold up the pictures that are being loaded. */
async function count() {
  if (isCounting || document.hidden) return;
  isCounting = true;
  while (loading.size === 0 && !document.hidden) {
    const element = [...uncounted].find(({ parentElement }) => nearHeads.has(parentElement));
    if (!element) break;
    uncounted.delete(element);
    const answer = await fetch(element.dataset.count).catch(() => undefined);
    // 204: saved again meanwhile, which is another event.
    if (answer?.status === 200) element.innerHTML = await answer.text();
  }
  isCounting = false;
}

/** Loads a picture. The one before stays until it is there. */
function load(frame) {
  stale.delete(frame);
  const next = frame.cloneNode();
  next.removeAttribute('src');
  const picture = frame.parentElement;
  next.addEventListener('load', () => frame.remove(), { once: true });
  // The frames have the same place: the new one is transparent until it has loaded.
  picture.insertBefore(next, frame);
  observer.unobserve(frame);
  observer.observe(next);
  near.delete(frame);
  near.add(next);
  frames[frames.indexOf(frame)] = next;
  loading.delete(frame);
  begin(next);
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) near.delete(target);
      else {
        near.add(target);
        if (!target.getAttribute('src')) begin(target);
        else if (stale.has(target)) load(target);
      }
    }
  },
  { rootMargin: '200px' },
);
for (const frame of frames) observer.observe(frame);

/** Of the templates on the screen or close to it. */
const nearHeads = new Set();
const headObserver = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) nearHeads[isIntersecting ? 'add' : 'delete'](target);
    count();
  },
  { rootMargin: '200px' },
);
for (const element of sheet.querySelectorAll('[data-count]')) {
  uncounted.add(element);
  headObserver.observe(element.parentElement);
}
document.addEventListener('visibilitychange', count);

document.addEventListener('templates', ({ detail: { templates, structure } }) => {
  if (structure !== sheet.dataset.structure) {
    location.reload();
    return;
  }
  for (const frame of [...frames]) {
    if (!templates.includes(templateOf(frame)) || !frame.getAttribute('src')) continue;
    if (near.has(frame)) load(frame);
    else stale.add(frame);
  }
  for (const element of sheet.querySelectorAll('[data-count]')) if (templates.includes(templateOf(element))) uncounted.add(element);
  count();
});

function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of sheet.querySelectorAll('.template')) {
    const groups = [...section.querySelectorAll('[data-search]')];
    for (const group of groups) group.hidden = !words.every((word) => group.dataset.search.includes(word));
    const visible = groups.filter((group) => !group.hidden).length;
    section.hidden = visible === 0 && !(groups.length === 0 && words.every((word) => section.dataset.name.includes(word)));
    if (!section.hidden) shown += 1;
  }
  document.getElementById('no-match').hidden = shown > 0 || words.length === 0;
  const url = new URL(location.href);
  if (filter.value) url.searchParams.set('q', filter.value);
  else url.searchParams.delete('q');
  history.replaceState(null, '', url);
}
filter.addEventListener('input', applyFilter);
filter.form.addEventListener('submit', (event) => event.preventDefault());
if (filter.value) applyFilter();
if (location.hash === '#filter') filter.focus();

/** The link in this direction that is closest. */
function neighbour(from, key) {
  const links = [...sheet.querySelectorAll('.cover')].filter((link) => link.offsetParent !== null);
  const index = links.indexOf(from);
  if (index < 0) return links[0];
  if (key === 'ArrowRight') return links[index + 1];
  if (key === 'ArrowLeft') return links[index - 1];
  const box = from.getBoundingClientRect();
  const isBelow = key === 'ArrowDown';
  let best;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const link of links) {
    const other = link.getBoundingClientRect();
    const vertical = isBelow ? other.top - box.top : box.top - other.top;
    if (vertical < 10) continue;
    const distance = vertical * 4 + Math.abs(other.left - box.left);
    if (distance < bestDistance) [best, bestDistance] = [link, distance];
  }
  return best;
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target === filter) {
    filter.value = '';
    applyFilter();
    filter.blur();
    return;
  }
  if (event.key === 'ArrowDown' && event.target === filter) {
    event.preventDefault();
    neighbour(null, 'ArrowRight')?.focus();
    return;
  }
  if (window.isTyping(event)) return;
  if (event.key === '/') {
    event.preventDefault();
    filter.focus();
  } else if (event.key.startsWith('Arrow')) {
    const link = neighbour(document.activeElement, event.key);
    if (!link) return;
    event.preventDefault();
    link.focus();
    link.scrollIntoView({ block: 'nearest' });
  }
});

// A link to a template with data in its fragment, which is never sent to the server as part of an address.
const { template } = sheet.dataset;
const first = sheet.querySelector('.cover');
if (template && first && location.hash.startsWith('#data=')) {
  const locale = new URLSearchParams(location.hash.slice(1)).get('locale');
  const url = new URL(first.href);
  url.searchParams.delete('w');
  if (locale) url.pathname = url.pathname.replace(/[^/]+$/, encodeURIComponent(locale));
  location.replace(url.pathname + url.search + location.hash);
}
