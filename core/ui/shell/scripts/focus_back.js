// Give the focus back when something closes: after a dialog to the element that opened it, also when another dialog came in between, and
// after a thing opened from a full list to its row. A dialog that replaces another gets the focus, because else it does not hear Escape.
const APP = '[data-testid="stApp"]', CANVAS = 'canvas[data-testid="data-grid-canvas"]';
const LOOK_MS = 50, LOOK_FOR_MS = 4000;

const keyOf = (element) => [...(element.closest('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith('st-key-'));
const tagOf = (element) => (element.closest(CANVAS) ? CANVAS : element.tagName.toLowerCase());

// Return how to find an element again after it was drawn anew: a table's key ends with another number then.
const placeOf = (element) => {
  const key = keyOf(element);
  return key && { selector: `[class*="${CSS.escape(key.replace(/-\d+$/, ''))}"] ${tagOf(element)}`, cell: element.closest(CANVAS)?.dataset.opened };
};

const standing = ({ selector }, within) => [...within.querySelectorAll(selector)].find((element) => element.getClientRects().length);

function give(element, cell) {
  if (cell !== undefined && element.matches(CANVAS)) element.dataset.again = cell;
  element.focus();
}

export default function () {
  if (window.kundenblickFocusBack) return;
  window.kundenblickFocusBack = true;
  let last = null, from = null, listed = null, timer = 0;

  const dialog = () => [...document.body.querySelectorAll(':scope > .stDialog [role="dialog"]')].at(-1);

  // Popovers and menus stand outside the app and go with their dialog: the element that had the focus before them counts.
  document.addEventListener('focusin', (event) => {
    if (event.target.closest(APP) && !dialog()) last = event.target;
  }, true);

  // Once a person presses or types something, the focus stays where they put it.
  for (const name of ['keydown', 'pointerdown']) {
    document.addEventListener(name, (event) => { if (event.isTrusted && from && !dialog()) from = listed = null; }, true);
  }

  const look = (until) => {
    clearTimeout(timer);
    const open = dialog(), active = document.activeElement;
    let done = false;
    if (open) {
      if (active === document.body) open.focus({ preventScroll: true });
      const row = listed && (active === open || active === document.body) && standing(listed, open);
      if (row) { give(row, listed.cell); listed = null; }
      done = !listed && open.contains(document.activeElement);
    } else if (document.querySelector(APP)?.dataset.testScriptState === 'notRunning' && from) {
      // Streamlit may have given the focus to a cell that was chosen before this row.
      const cell = active.closest?.('td') && active.closest(CANVAS)?.querySelector('[role="gridcell"][aria-selected="true"]');
      if (cell && cell !== active) cell.focus({ preventScroll: true });
      const { element, place } = from, again = element.isConnected ? element.closest(CANVAS) ?? element : place && standing(place, document);
      if (active === document.body && again) give(again, place?.cell);
      // The grid itself chooses its first cell when it gets the focus, and may do so after rows.js has.
      else if (again && active === again && place?.cell !== undefined && again.matches(CANVAS)) {
        again.dataset.again = place.cell;
        again.dispatchEvent(new Event('kundenblick-choose', { bubbles: true }));
      }
      done = document.activeElement !== document.body && performance.now() > until - LOOK_FOR_MS + 500;
      if (done) from = listed = null;
    }
    if (!done && performance.now() < until) timer = setTimeout(look, LOOK_MS, until);
  };

  new MutationObserver((changes) => {
    const ofDialogs = (nodes) => [...nodes].filter((node) => node.classList?.contains('stDialog'));
    const gone = changes.flatMap((change) => ofDialogs(change.removedNodes));
    const come = changes.some((change) => ofDialogs(change.addedNodes).length);
    if (!gone.length && !come) return;
    if (come && !from && last) from = { element: last, place: placeOf(last) };
    for (const canvas of gone.flatMap((node) => [...node.querySelectorAll(`${CANVAS}[data-opened]`)])) listed = placeOf(canvas);
    look(performance.now() + LOOK_FOR_MS);
  }).observe(document.body, { childList: true });
}
