// Shows the state of a live section (src/ui/live-section.tsx): its stream broke, works again, or is over.
const state = document.querySelector('[data-live-state]');

function show(text) {
  if (state && state.textContent !== text) state.textContent = text;
}

document.addEventListener('htmx:sse:after:connection', () => show(''));
document.addEventListener('htmx:sse:error', ({ detail }) => {
  if (detail.status === 401) location.reload();
  else show('Live updates stopped; this page may be out of date. Reconnecting…');
});
for (const failure of ['htmx:response:error', 'htmx:error']) {
  document.addEventListener(failure, () => show('Live updates could not start; this page may be out of date. Reconnecting…'));
  document.addEventListener(failure, () => setTimeout(reloadWhenReady, 3000), { once: true });
}

/** Reloads the page once the dashboard can answer. */
async function reloadWhenReady() {
  const isReady = await fetch('/readyz').then(
    ({ ok }) => ok,
    () => false,
  );
  if (isReady) location.reload();
  else setTimeout(reloadWhenReady, 3000);
}

document.addEventListener('htmx:sse:close', ({ detail }) => {
  // When the session has ended, the reloaded page redirects to the sign-in and back.
  if (detail.reason === 'message') location.reload();
  else if (detail.reason !== 'removed') show('Live updates ended. Reload the page to see changes.');
});
