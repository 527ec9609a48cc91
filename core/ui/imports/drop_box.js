// A box for one file: dropped, chosen, or rows that are pasted. It is sent to our own route, so that nothing large lies in the session.
// Of what is pasted only the plain text is taken: tabs, with every cell as it was shown; never the HTML beside it.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));

function sizeOf(bytes, language) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : [bytes / 1e6, 'MB'];
  return `${value.toLocaleString(language, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

function build(root) {
  const box = make('div', 'kb-drop');
  const row = make('div', 'kb-drop-row');
  const choose = make('button', 'kb-first');
  const hint = make('span', '');
  const file = make('input');
  const label = make('label', '');
  const area = make('textarea');
  const bar = make('progress');
  const status = make('div', '');
  const acts = make('div', 'kb-drop-row');
  const again = make('button', '');
  const cancel = make('button', '');
  Object.assign(file, { type: 'file', hidden: true, tabIndex: -1 });
  area.id = `kb-paste-${Math.random().toString(36).slice(2)}`;
  area.spellcheck = false;
  area.autocomplete = 'off';
  label.htmlFor = area.id;
  status.setAttribute('role', 'status');
  box.setAttribute('role', 'group');
  for (const button of [choose, again, cancel]) button.type = 'button';
  bar.max = 1;
  row.append(choose, hint, file);
  acts.append(again, cancel);
  box.append(row, label, area, bar, status, acts);
  root.append(box);

  const state = { words: {}, problems: {}, language: 'de', tell: () => {}, sending: null, last: null };
  const parts = { choose, hint, label, area, again, cancel, box };

  function show(text, { bad = false, part = null } = {}) {
    status.textContent = text;
    status.className = bad ? 'kb-cut' : '';
    bar.hidden = part === null;
    if (part !== null) bar.value = part;
    bar.setAttribute('aria-label', text);
    cancel.hidden = part === null;
    again.hidden = !(bad && state.last);
    acts.hidden = cancel.hidden && again.hidden;
    choose.disabled = area.disabled = part !== null;
  }

  function send(body, name) {
    if (state.sending) return;
    state.last = { body, name };
    const { words } = state;
    const request = new XMLHttpRequest();
    const size = sizeOf(body.size, state.language);
    const failed = (text) => { state.sending = null; show(text, { bad: true }); };
    state.sending = request;
    request.upload.onprogress = (event) => {
      const sent = sizeOf(event.loaded, state.language);
      show(filled(words.sending, { name, sent, size }), { part: event.total ? event.loaded / event.total : 0 });
    };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* an answer of something in between: said by its number */ }
      if (request.status >= 200 && request.status < 300 && Number.isInteger(answer.upload)) {
        state.sending = state.last = null;
        show(filled(words.kept, { name }));
        state.tell(answer.upload);
      } else {
        const gone = !answer.problem && (request.status === 403 || request.status === 404);
        failed(gone ? words.signed_out : state.problems[answer.problem] || filled(words.refused, { status: request.status }));
      }
    };
    request.onerror = request.ontimeout = () => failed(words.cut);
    request.onabort = () => { state.sending = state.last = null; show(words.canceled); };
    request.open('PUT', `/import/file?name=${encodeURIComponent(name)}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    show(filled(words.sending, { name, sent: sizeOf(0, state.language), size }), { part: 0 });
    request.send(body);
  }

  function takeFiles(files) {
    if (files.length > 1) { show(state.words.several, { bad: true }); return; }
    if (files.length) send(files[0], files[0].name);
  }

  function takePaste(event) {
    const carried = event.clipboardData;
    const text = carried?.getData('text/plain') || '';
    if (!text.trim() && !carried?.files.length) { show(state.words.nothing_pasted, { bad: true }); return; }
    event.preventDefault();
    if (text.trim()) send(new Blob([text], { type: 'text/plain' }), `${state.words.pasted}.txt`);
    else takeFiles(carried.files);
  }

  choose.addEventListener('click', () => file.click());
  file.addEventListener('change', () => { takeFiles(file.files); file.value = ''; });
  area.addEventListener('paste', takePaste);
  // A program that writes into the field instead of pasting: what stands there is the same.
  area.addEventListener('change', () => {
    if (area.value.trim()) send(new Blob([area.value], { type: 'text/plain' }), `${state.words.pasted}.txt`);
    area.value = '';
  });
  cancel.addEventListener('click', () => state.sending?.abort());
  again.addEventListener('click', () => { if (state.last) send(state.last.body, state.last.name); });
  box.addEventListener('dragover', (event) => { event.preventDefault(); box.classList.add('kb-over'); });
  box.addEventListener('dragleave', (event) => { if (!box.contains(event.relatedTarget)) box.classList.remove('kb-over'); });
  box.addEventListener('drop', (event) => {
    event.preventDefault();
    box.classList.remove('kb-over');
    takeFiles(event.dataTransfer.files);
  });
  show('');
  return { state, parts, show, takePaste };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const made = (parentElement.kundenblickDrop ??= build(parentElement));
  const { words } = data;
  Object.assign(made.state, { words, problems: data.problems, language: data.language, tell: (id) => setTriggerValue('arrived', id) });
  made.parts.choose.textContent = words.choose;
  made.parts.hint.textContent = words.or_drop;
  made.parts.label.textContent = words.paste;
  made.parts.area.placeholder = words.paste_hint;
  made.parts.again.textContent = words.again;
  made.parts.cancel.textContent = words.cancel;
  made.parts.box.setAttribute('aria-label', words.label);
  // Pasted anywhere on the page, unless into another input; a file let go beside the box is no reason to leave the page.
  const paste = (event) => {
    if (!event.target.closest?.('input, textarea, [contenteditable="true"]')) made.takePaste(event);
  };
  const beside = (event) => { if ([...(event.dataTransfer?.types || [])].includes('Files')) event.preventDefault(); };
  document.addEventListener('paste', paste);
  for (const type of ['dragover', 'drop']) document.addEventListener(type, beside);
  return () => {
    document.removeEventListener('paste', paste);
    for (const type of ['dragover', 'drop']) document.removeEventListener(type, beside);
  };
}
