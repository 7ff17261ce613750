// Copies the text of a button (src/ui/copy-button.tsx), and says that it did.
document.documentElement.classList.add('can-copy');

document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element && target.closest('[data-copy-text]');
  if (!button) return;
  await copy(button.dataset.copyText);
  const label = button.querySelector('span');
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => {
    label.textContent = before;
  }, 2000);
});

/** The clipboard API exists on https and localhost only. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
