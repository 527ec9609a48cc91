// The search field of the sidebar (an ARIA combobox) and the clients opened last. Stored text is only ever textContent.
const WAIT_MS = 80;
let instances = 0;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function pieces(parent, parts) {
  for (const [text, hit] of parts) parent.append(hit ? make('mark', '', text) : document.createTextNode(text));
}

const addressOf = (id) => `/overview?account=${id}`;
const plain = (parts) => parts.map(([text]) => text).join('');

function closeOnNarrowScreen() {
  if (innerWidth <= 768) document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}

function combobox(root) {
  const id = `kb-search-${++instances}`;
  const box = make('div', 'kb-search');
  const input = make('input', 'kb-search-input');
  const list = make('ul', 'kb-search-list');
  const status = make('div', 'kb-search-status');
  Object.assign(input, { type: 'search', autocomplete: 'off', spellcheck: false, maxLength: 10000 });
  list.id = id;
  list.hidden = true;
  for (const [name, value] of Object.entries({
    role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id, 'aria-haspopup': 'listbox',
  })) input.setAttribute(name, value);
  list.setAttribute('role', 'listbox');
  status.setAttribute('role', 'status');
  box.append(input, list, status);
  root.append(box);

  const state = { data: {}, open: () => {}, found: [], foundFor: null, active: -1, turn: 0, timer: 0, enterWaits: false };
  const visible = () => !list.hidden;

  // Wider than the sidebar, so that long names can be told apart.
  function unfold() {
    const place = input.getBoundingClientRect();
    Object.assign(list.style, {
      left: `${place.left}px`, top: `${place.bottom + 3}px`, width: `${Math.min(Math.max(place.width, 380), innerWidth - place.left - 12)}px`,
    });
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
  }

  function close() {
    list.hidden = true;
    state.active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function activate(place) {
    state.active = place;
    [...list.querySelectorAll('[role="option"]')].forEach((item, index) => item.setAttribute('aria-selected', String(index === place)));
    if (place < 0) { input.removeAttribute('aria-activedescendant'); return; }
    input.setAttribute('aria-activedescendant', `${id}-${place}`);
    list.querySelectorAll('[role="option"]')[place].scrollIntoView({ block: 'nearest' });
  }

  function reset() {
    clearTimeout(state.timer);
    state.turn += 1;
    Object.assign(state, { found: [], foundFor: null, enterWaits: false });
    input.value = '';
    status.textContent = '';
    close();
  }

  function choose(place, newTab) {
    const match = state.found[place];
    if (!match) return;
    if (newTab) { window.open(addressOf(match.id), '_blank', 'noopener'); return; }
    reset();
    input.blur();
    state.open(match.id);
    closeOnNarrowScreen();
  }

  function option(match, place) {
    const item = make('li', 'kb-search-option');
    item.id = `${id}-${place}`;
    item.setAttribute('role', 'option');
    item.setAttribute('aria-selected', 'false');
    const said = make('div', 'kb-search-said');
    const line = make('div', 'kb-search-line');
    const name = make('span', 'kb-search-name');
    pieces(name, match.name);
    name.title = plain(match.name);
    line.append(name);
    if (match.archived) line.append(make('span', 'kb-search-archived', state.data.words.archived));
    const number = make('span', 'kb-search-number');
    pieces(number, match.number);
    line.append(number);
    said.append(line);
    item.append(face(match), said);
    if (match.reason) {
      const reason = make('div', 'kb-search-reason');
      const label = match.label || state.data.words[`reason_${match.reason}`] || '';
      if (label) reason.append(make('span', 'kb-search-label', `${label}: `));
      pieces(reason, match.detail);
      reason.title = `${label ? `${label}: ` : ''}${plain(match.detail)}`;
      said.append(reason);
    }
    item.addEventListener('mousedown', (event) => event.preventDefault());
    item.addEventListener('click', (event) => choose(place, event.ctrlKey || event.metaKey));
    item.addEventListener('auxclick', (event) => { if (event.button === 1) choose(place, true); });
    return item;
  }

  function say(text) {
    list.replaceChildren();
    status.textContent = text;
    close();
  }

  function show(asked, found, rest, trouble) {
    // What the arrows chose stays chosen when more or other matches come; to type on gives it up.
    const chosen = state.found[state.active]?.id;
    Object.assign(state, { found, foundFor: asked, active: -1 });
    if (!found.length) { state.enterWaits = false; say(state.data.words[`nothing_${trouble}`] || state.data.words.nothing); return; }
    status.textContent = '';
    status.dataset.count = String(found.length);
    list.replaceChildren(...found.map(option));
    if (found[0].guess) {
      const head = make('li', 'kb-search-rest', state.data.words.guess);
      head.setAttribute('role', 'presentation');
      list.prepend(head);
    }
    if (rest) {
      const last = make('li', 'kb-search-rest', state.data.words.rest);
      last.setAttribute('role', 'presentation');
      list.append(last);
    }
    list.scrollTop = 0;
    if (state.enterWaits) { state.enterWaits = false; choose(0, false); return; }
    if (document.activeElement === input) unfold();
    activate(found.findIndex((match) => match.id === chosen));
  }

  async function ask(way = '?quick') {
    const asked = input.value;
    const mine = ++state.turn;
    try {
      const answer = await fetch(`/search${way}`, {
        method: 'POST', body: asked.slice(0, 400), headers: { 'Content-Type': 'text/plain;charset=utf-8' }, credentials: 'same-origin',
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { found, more, rest, trouble } = await answer.json();
      if (mine !== state.turn) return;
      show(asked, found, rest, trouble);
      if (more && mine === state.turn) ask('');
    } catch {
      if (mine === state.turn) { Object.assign(state, { found: [], foundFor: null, enterWaits: false }); say(state.data.words.failed); }
    }
  }

  input.addEventListener('input', () => {
    clearTimeout(state.timer);
    state.enterWaits = false;
    activate(-1);
    if (!input.value.trim()) { const typed = input.value; reset(); input.value = typed; return; }
    state.turn += 1;
    state.timer = setTimeout(() => ask(), WAIT_MS);
  });
  input.addEventListener('focus', () => {
    if (state.found.length && state.foundFor === input.value) unfold();
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const last = state.found.length - 1;
    if (event.key === 'Enter') {
      event.preventDefault();
      if (!input.value.trim()) return;
      if (state.active >= 0 || state.foundFor === input.value) choose(Math.max(state.active, 0), event.ctrlKey || event.metaKey);
      else { state.enterWaits = true; clearTimeout(state.timer); ask(); }
    } else if (event.key === 'Escape') {
      event.preventDefault();
      reset();
    } else if (event.key === 'ArrowDown' && last >= 0) {
      event.preventDefault();
      unfold();
      activate(state.active >= last ? 0 : state.active + 1);
    } else if (event.key === 'ArrowUp' && visible()) {
      event.preventDefault();
      activate(state.active <= 0 ? last : state.active - 1);
    } else if (event.key === 'Tab' && visible()) {
      const next = state.active + (event.shiftKey ? -1 : 1);
      if (next < 0 || next > last) return;
      event.preventDefault();
      activate(next);
    }
  });

  return (data, open) => {
    Object.assign(state, { data, open });
    input.placeholder = data.words.placeholder;
    input.setAttribute('aria-label', data.words.label);
    list.setAttribute('aria-label', data.words.label);
  };
}

// Return a client's photo, or a disc with the letters that stand for the name; the name is written beside it.
function face({ photo, sign }) {
  if (!photo) {
    const disc = make('span', 'kb-face kb-initials', sign);
    disc.setAttribute('aria-hidden', 'true');
    return disc;
  }
  const image = make('img', 'kb-face');
  Object.assign(image, { src: `/photo/${photo}?size=44`, alt: '', width: 22, height: 22 });
  return image;
}

function recentList(root) {
  const list = make('ul', 'kb-recent');
  root.append(list);
  let shown = '';
  return (data, open) => {
    const wanted = JSON.stringify(data);
    list.setAttribute('aria-label', data.words.recent);
    if (wanted === shown) return;
    shown = wanted;
    list.replaceChildren(...data.recent.map((client) => {
      const item = make('li');
      const link = make('a');
      link.append(face(client), make('span', 'kb-recent-name', client.name));
      link.href = addressOf(client.id);
      link.title = client.name;
      if (client.id === data.here) link.setAttribute('aria-current', 'page');
      link.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        open(client.id);
        closeOnNarrowScreen();
      });
      if (client.archived) link.append(make('span', 'kb-search-archived', data.words.archived));
      item.append(link);
      return item;
    }));
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const draw = data.recent ? recentList : combobox;
  parentElement.kundenblick ??= draw(parentElement);
  parentElement.kundenblick(data, (id) => setTriggerValue('open', id));
}
