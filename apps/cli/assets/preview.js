// Shared by the pages of the preview: live updates and keys. A page listens to the event `templates` of the document.
const source = new EventSource(document.body.dataset.events);
const connection = document.getElementById('connection');
source.addEventListener('open', () => {
  connection.hidden = true;
});
source.addEventListener('error', () => {
  connection.hidden = false;
});
source.addEventListener('message', ({ data }) => {
  document.dispatchEvent(new CustomEvent('templates', { detail: JSON.parse(data) }));
});

/** Whether the key belongs to what has the focus, or to the browser. */
window.isTyping = ({ target, ctrlKey, metaKey, altKey }) =>
  ctrlKey || metaKey || altKey || target.matches?.('input, select, textarea, [contenteditable]');
