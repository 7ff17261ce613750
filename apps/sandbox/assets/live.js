// Keeps a page fresh: puts the HTML that the server sends into the elements that it names (see src/event-stream.ts).
// Without this script the page is the same, only not by itself.
const { events } = document.body.dataset;

if (events) {
  const source = new EventSource(events);
  source.addEventListener('message', ({ data }) => {
    const focused = document.activeElement?.id;
    for (const [id, html] of Object.entries(JSON.parse(data))) {
      const region = document.getElementById(id);
      // Flash again what it shows already, a page stays as it is: a reader's selection or a screen reader's voice would be lost.
      if (region && region.innerHTML !== html) region.innerHTML = html;
    }
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  });
  source.addEventListener('end', () => source.close());
}
