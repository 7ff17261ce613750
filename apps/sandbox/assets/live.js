// Live updates: puts the HTML that the server sends into the elements with the given ids (see src/site/live-updates.ts).
// Without this script a page shows the same, but has to be reloaded.
const { events } = document.body.dataset;

if (events) {
  const source = new EventSource(events);
  source.addEventListener('message', ({ data }) => {
    const focused = document.activeElement?.id;
    for (const [id, html] of Object.entries(JSON.parse(data))) {
      const region = document.getElementById(id);
      // Unchanged HTML is left alone: replacing it would clear a selection and interrupt a screen reader.
      if (region && region.innerHTML !== html) region.innerHTML = html;
    }
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  });
  source.addEventListener('end', () => source.close());
}
