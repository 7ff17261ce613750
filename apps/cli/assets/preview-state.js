// A mail that is opened: renders it again when its template was saved or its data was edited; keys; save and send.
const page = document.querySelector('[data-render]');
const form = document.getElementById('data-form');
const stage = document.getElementById('stage');
const reset = document.getElementById('reset');
/** What is sent instead of the form: data of a link, until the form has it. */
let linked;
let isEdited = false;
let isRendering = false;
let isOutdated = false;

/** Gives a frame the height of its document, so that the page scrolls and not the frame; in a narrower page it is scaled down, as phones do. */
function size(frame) {
  const { documentElement } = frame.contentDocument ?? {};
  if (!documentElement) return;
  const height = Math.min(Math.max(documentElement.scrollHeight, 200), 30000);
  const { paddingLeft, paddingRight } = getComputedStyle(frame.parentElement);
  const available = frame.parentElement.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  const scale = Math.min(1, available / frame.offsetWidth);
  frame.style.height = `${height}px`;
  frame.style.transform = scale < 1 ? `scale(${scale})` : '';
  // The space that it takes is that of the frame as it was.
  frame.style.margin = scale < 1 ? `0 ${(scale - 1) * frame.offsetWidth}px ${(scale - 1) * height}px 0` : '';
}

/** Prepares a frame that has loaded. Its scripts never run. */
function fit(frame) {
  if (!frame.contentDocument?.documentElement) return;
  size(frame);
  const shown = document.getElementById('link-target');
  frame.contentDocument.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link) return;
    event.preventDefault();
    shown.textContent = `This link leads to ${link.getAttribute('href')}`;
  });
  // Keys work where the focus is in the mail, too.
  frame.contentDocument.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
    document.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, metaKey, altKey }));
  });
}

function showStage(html) {
  const next = document.createElement('div');
  next.innerHTML = html;
  const frame = next.querySelector('iframe');
  if (!frame || !stage.querySelector('iframe')) {
    stage.replaceChildren(next);
    frame?.addEventListener('load', () => fit(frame));
    return;
  }
  for (const waiting of stage.querySelectorAll('.stage-next')) waiting.remove();
  next.className = 'stage-next';
  frame.addEventListener(
    'load',
    () => {
      fit(frame);
      next.removeAttribute('class');
      // A frame that is moved loads again, so the others are removed around it.
      for (const other of [...stage.childNodes]) if (other !== next) other.remove();
    },
    { once: true },
  );
  stage.append(next);
}

function showIssues(issues) {
  for (const element of form.querySelectorAll('[data-issue]')) {
    const issue = issues.find(({ pointer }) => pointer === element.dataset.issue);
    element.hidden = !issue;
    element.textContent = issue?.message ?? '';
    const field = element.parentElement.querySelector(':scope > input, :scope > select, :scope > textarea');
    field?.classList.toggle('invalid', Boolean(issue));
    if (issue) field?.setAttribute('aria-invalid', 'true');
    else field?.removeAttribute('aria-invalid');
  }
}

/** @param more further fields: `add` or `remove` of an entry */
async function render(more = {}) {
  if (isRendering) {
    isOutdated = true;
    return;
  }
  isRendering = true;
  const body = linked === undefined ? new URLSearchParams(isEdited ? new FormData(form) : []) : new URLSearchParams({ json: linked });
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  try {
    const answer = await fetch(page.dataset.render + location.search, { method: 'POST', body });
    if (answer.status === 404) location.reload();
    if (!answer.ok) return;
    const { regions, issues } = await answer.json();
    linked = undefined;
    for (const [id, html] of Object.entries(regions)) {
      const region = document.getElementById(id);
      if (id === 'stage') showStage(html);
      else if (id !== 'data-form' || !form.contains(document.activeElement) || more.add || more.remove) region.innerHTML = html;
    }
    showIssues(issues);
  } finally {
    isRendering = false;
    if (isOutdated) {
      isOutdated = false;
      render();
    }
  }
}

function markEdited() {
  isEdited = true;
  reset.hidden = false;
}

form.addEventListener('input', () => {
  markEdited();
  render();
});
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('click', ({ target }) => {
  const button = target.closest('button[name]');
  if (!button) return;
  markEdited();
  render({ [button.name]: button.value });
});
reset.addEventListener('click', () => {
  isEdited = false;
  reset.hidden = true;
  render();
});

document.addEventListener('templates', ({ detail: { templates } }) => {
  if (!templates.includes(page.dataset.template)) return;
  render();
  loadFindings();
});

const findings = document.getElementById('findings');
async function loadFindings() {
  const answer = await fetch(findings.dataset.findings).catch(() => undefined);
  // 204: saved again meanwhile, which is another event.
  if (answer?.status === 200) findings.innerHTML = await answer.text();
}
loadFindings();

// Views keep what was typed: they change the URL and the picture, and load no page.
document.getElementById('views').addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href);
});
stage.addEventListener('click', (event) => {
  const link = event.target.closest('.image-note a');
  if (!link) return;
  event.preventDefault();
  show(link.href);
});
function show(url) {
  history.replaceState(null, '', url);
  render();
}

for (const frame of stage.querySelectorAll('iframe')) {
  if (frame.contentDocument?.readyState === 'complete' && frame.contentDocument.URL !== 'about:blank') fit(frame);
  frame.addEventListener('load', () => fit(frame));
}

window.addEventListener('resize', () => {
  for (const frame of stage.querySelectorAll('iframe')) size(frame);
});

for (const select of document.querySelectorAll('[data-choose] select')) {
  select.addEventListener('change', () => location.assign(select.value));
}

document.addEventListener('keydown', (event) => {
  if (window.isTyping(event)) return;
  const tabs = document.querySelectorAll('#views nav:first-child a');
  const view = new URL(location.href);
  if (event.key === 'ArrowRight') document.getElementById('next')?.click();
  else if (event.key === 'ArrowLeft') document.getElementById('previous')?.click();
  else if (event.key === 'Escape') location.assign('/');
  else if (event.key === '/') location.assign('/#filter');
  else if (event.key >= '1' && event.key <= '6') tabs[Number(event.key) - 1]?.click();
  else if (event.key === 'd') {
    if (view.searchParams.has('dark')) view.searchParams.delete('dark');
    else view.searchParams.set('dark', '');
    show(view.href.replace('dark=', 'dark'));
  } else if (event.key === 'w') {
    if (view.searchParams.get('w') === '375') view.searchParams.delete('w');
    else view.searchParams.set('w', '375');
    show(view.href.replace('dark=', 'dark'));
  }
});

/** Sends a small form and shows the answer's text. */
async function submitForm(target, resultId, fields) {
  const result = document.getElementById(resultId);
  result.className = 'hint';
  result.textContent = '…';
  const body = isEdited ? new URLSearchParams(new FormData(form)) : new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const answer = await fetch(target.dataset.action, { method: 'POST', body }).catch(() => undefined);
  const { message, exists } = (await answer?.json().catch(() => undefined)) ?? { message: 'The preview does not answer.' };
  result.classList.toggle('error', !answer?.ok);
  result.textContent = message;
  return exists;
}
const saveForm = document.getElementById('save-form');
saveForm.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = { 'sample-name': new FormData(saveForm).get('name') };
  const exists = await submitForm(saveForm, 'save-result', fields);
  if (exists && confirm(`The sample ${fields['sample-name']} exists. Replace it?`))
    await submitForm(saveForm, 'save-result', { ...fields, replace: 'yes' });
});
const sendForm = document.getElementById('send-form');
sendForm?.addEventListener('submit', (event) => {
  event.preventDefault();
  submitForm(sendForm, 'send-result', { 'send-to': new FormData(sendForm).get('to') });
});

// Data of a link is in its fragment, so that no server and no log has it.
if (location.hash.startsWith('#data=')) {
  const encoded = new URLSearchParams(location.hash.slice(1)).get('data') ?? '';
  history.replaceState(null, '', location.pathname + location.search);
  try {
    const bytes = Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
    linked = new TextDecoder().decode(bytes);
    markEdited();
    render();
  } catch {
    document.getElementById('save-result').textContent = 'The data in the link cannot be read.';
  }
}
