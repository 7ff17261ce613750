// Says what becomes of a page that is kept fresh (src/pages/live.tsx): that its stream broke, is there again, or is over.
const state = document.querySelector('[data-live-state]');

function renderContent(text) {
  if (state && state.textContent !== text) state.textContent = text;
}

document.addEventListener('htmx:sse:after:connection', () => renderContent(''));
document.addEventListener('htmx:sse:error', ({ detail }) => {
  if (detail.status === 401) location.reload();
  else renderContent('The live view broke off: what stands here is old. Trying again…');
});
for (const fault of ['htmx:response:error', 'htmx:error']) {
  document.addEventListener(fault, () =>
    renderContent('The live view could not begin: what stands here is as old as the page. Trying again…'),
  );
  document.addEventListener(fault, () => setTimeout(beginAnew, 3000), { once: true });
}

/** Loads the page anew once that can be answered. */
async function beginAnew() {
  const isReady = await fetch('/readyz').then(
    ({ ok }) => ok,
    () => false,
  );
  if (isReady) location.reload();
  else setTimeout(beginAnew, 3000);
}

document.addEventListener('htmx:sse:close', ({ detail }) => {
  // The session is over: the page that is asked for anew leads to the sign-in, and back here.
  if (detail.reason === 'message') location.reload();
  else if (detail.reason !== 'removed') renderContent('The live view has ended. Reload the page to see what is new.');
});
