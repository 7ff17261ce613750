// Tables with a checkbox in each row: one in the head selects all of this page, and the bar of actions says how many are selected. Without
// this script the rows can be selected one by one.
for (const all of document.querySelectorAll('input[data-select-all]')) {
  const form = all.closest('form');
  const boxes = [...(all.closest('table')?.tBodies[0]?.querySelectorAll('input[type="checkbox"]') ?? [])];
  const counter = form?.querySelector('[data-selected]');
  const show = () => {
    const selected = boxes.filter(({ checked }) => checked);
    all.checked = selected.length > 0 && selected.length === boxes.length;
    all.indeterminate = selected.length > 0 && !all.checked;
    const mails = selected.reduce((total, { dataset }) => total + Number(dataset.mails ?? 1), 0);
    const number = (value) => value.toLocaleString(document.documentElement.lang);
    if (counter)
      counter.textContent = counter.dataset.selected.replace('{rows}', number(selected.length)).replace('{mails}', number(mails));
  };
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  form?.addEventListener('change', show);
  // A browser restores the boxes when its user comes back to the page.
  addEventListener('pageshow', show);
}
