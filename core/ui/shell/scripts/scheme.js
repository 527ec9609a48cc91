// Light or dark, as the person chose in their menu. Streamlit keeps the choice for each address by itself, so it is written for all of them.
const APP = '[data-testid="stApp"]', CHOICE = '.kb-scheme button', VERSION = 2, LOOK_MS = 50, LOOK_FOR_MS = 3000;

const keyOf = (path) => `stActiveTheme-${path}-v${VERSION}`;

// Return Light, Dark or System: what Streamlit was told for this address.
function chosen() {
  try { return JSON.parse(localStorage.getItem(keyOf(location.pathname))) || 'System'; } catch { return 'System'; }
}

function choose(name, paths) {
  for (const path of new Set([...paths, location.pathname])) {
    if (name === 'System') localStorage.removeItem(keyOf(path));
    else localStorage.setItem(keyOf(path), JSON.stringify(name));
  }
  location.reload();
}

function mark(until) {
  for (const button of document.querySelectorAll(CHOICE)) button.setAttribute('aria-pressed', String(button.value === chosen()));
  if (performance.now() < until) setTimeout(mark, LOOK_MS, until);
}

// Streamlit tells only the app whether it is dark; menus and popovers stand outside of it.
function follow() {
  const app = document.querySelector(APP);
  if (!app) { setTimeout(follow, LOOK_MS); return; }
  const take = () => { document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme; };
  new MutationObserver(take).observe(app, { attributes: true, attributeFilter: ['class', 'style'] });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => setTimeout(take, LOOK_MS));
  take();
}

let paths = [];

export default function ({ data }) {
  paths = data.paths;
  if (window.kundenblickScheme) return;
  window.kundenblickScheme = true;
  follow();
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('button');
    if (button?.matches(CHOICE)) choose(button.value, paths);
    else if (button?.closest('.st-key-person')) mark(performance.now() + LOOK_FOR_MS);
  }, true);
}
