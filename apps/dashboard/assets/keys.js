// Keys of every page: `/` goes to the search, j and k move in the list, Enter opens the row (as the link that it is), `?` shows the keys.
// With a Korean keyboard the same keys type ㅓ and ㅏ.
const keys = document.querySelector('#keys');

/** The link that names each row. */
function rows() {
  return [...document.querySelectorAll('main .data tbody tr')].flatMap((row) => row.querySelector('a[href]') ?? []);
}

function move(step) {
  const links = rows();
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => row?.contains(link));
  const next = links[at === -1 ? (step > 0 ? 0 : links.length - 1) : at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

const actions = {
  '/': () => document.querySelector('.search input')?.focus(),
  '?': () => keys?.showModal(),
  j: () => move(1),
  ㅓ: () => move(1),
  k: () => move(-1),
  ㅏ: () => move(-1),
};

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keys?.open) return;
  const isTyping = target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"], [type="radio"])');
  if (isTyping || !Object.hasOwn(actions, key)) return;
  event.preventDefault();
  actions[key]();
});
