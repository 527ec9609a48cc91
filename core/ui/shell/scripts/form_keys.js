// Forms take what one types at once: a form that opens has the focus in its first field, Ctrl+Enter saves it, and Escape leaves it, which
// asks where something was typed. In Abfragen Ctrl+Enter runs the query. Each presses the form's own button, after the field that has the focus has told what is in it.
const DIALOG = '[role="dialog"]', BUTTONS = '.st-key-form-buttons', APP = '[data-testid="stApp"]';
const EDITOR = '[class*="st-key-query-text-"]', RUN = '.st-key-query-run button';
const FIELDS = 'input:not([type="hidden"], [type="file"], [type="checkbox"], [type="radio"]), textarea';
// A field for a day opens its calendar over the form when it gets the focus.
const OPENS = '[data-testid="stDateInput"]';
const LISTS = '[role="listbox"], [data-baseweb="calendar"], [data-baseweb="menu"]';
const LOOK_MS = 30, BEGIN_FOR_MS = 1500, LOOK_FOR_MS = 3000, TOLD_MS = 80, LEFT_MS = 500;

const formIn = (dialog) => dialog?.querySelector(BUTTONS);
const openForm = () => [...document.querySelectorAll(DIALOG)].reverse().find(formIn);
const isListOpen = () => [...document.querySelectorAll(LISTS)].some((list) => list.getClientRects().length);
const isAtRest = () => document.querySelector(APP)?.dataset.testScriptState === 'notRunning';

// Put the focus into the first field of a form that came, also when it is drawn anew at once; a person who does something has it as they like.
function begin(dialog, until) {
  const field = [...dialog.querySelectorAll(FIELDS)].find((one) => !one.disabled && !one.closest(OPENS) && one.getClientRects().length);
  const active = document.activeElement;
  const form = formIn(dialog);
  // A screen reader puts the focus on a button without a key.
  const isTaken = form?.contains(active) || (active?.matches(FIELDS) && dialog.contains(active));
  if (field && form && !isTaken) field.focus({ preventScroll: true });
  if (performance.now() < until && dialog.isConnected && begin.for === dialog) setTimeout(begin, LOOK_MS, dialog, until);
}

// Do something once the server has heard what a field held that was left just now.
function afterwards(act) {
  const began = performance.now();
  const wait = () => {
    const passed = performance.now() - began;
    if (passed < TOLD_MS || (!isAtRest() && passed < LOOK_FOR_MS)) setTimeout(wait, LOOK_MS);
    else act();
  };
  wait();
}

// Press a button of the form once the server has heard what the field held.
function press(dialog, find) {
  const field = document.activeElement;
  if (dialog.contains(field) && field.matches(FIELDS)) field.blur();
  afterwards(() => { if (dialog.isConnected) find(formIn(dialog))?.click(); });
}

// Run the query whose editor has the focus, which it keeps.
function run(editor) {
  press(document.body, () => {
    document.querySelector(RUN)?.click();
    if (document.activeElement === document.body) editor.focus({ preventScroll: true });
  });
}

const save = (form) => form?.querySelector('button[data-testid="stBaseButton-primary"]');
const leave = (form) => form?.querySelector('button:not([data-testid="stBaseButton-primary"])');

export default function () {
  if (window.kundenblickFormKeys) return;
  window.kundenblickFormKeys = true;
  const begun = new WeakSet();

  new MutationObserver((changes) => {
    if (!changes.some((change) => [...change.addedNodes].some((node) => node.classList?.contains('stDialog')))) return;
    const look = (until) => {
      const dialog = openForm();
      if (dialog && !begun.has(dialog)) { begun.add(dialog); begin.for = dialog; begin(dialog, performance.now() + BEGIN_FOR_MS); }
      else if (!dialog && performance.now() < until) setTimeout(look, LOOK_MS, until);
    };
    look(performance.now() + LOOK_FOR_MS);
  }).observe(document.body, { childList: true });

  document.addEventListener('pointerdown', (event) => { if (event.isTrusted) begin.for = null; }, true);
  // A link that is pressed from within the editor would overtake what was typed, and then be taken back by it.
  let left = -Infinity;
  document.addEventListener('focusout', (event) => { if (event.target.closest?.(EDITOR)) left = performance.now(); }, true);
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    const isPlain = event.isTrusted && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || !isPlain || performance.now() - left > LEFT_MS) return;
    event.preventDefault();
    event.stopPropagation();
    afterwards(() => { if (link.isConnected) link.click(); });
  }, true);
  document.addEventListener('keydown', (event) => {
    if (event.isTrusted) begin.for = null;
    if (!event.isTrusted || event.isComposing || event.repeat) return;
    const saves = event.key === 'Enter' && (event.ctrlKey || event.metaKey), leaves = event.key === 'Escape';
    const dialog = saves || leaves ? openForm() : null;
    if (saves && !dialog && event.target.closest?.(EDITOR)) {
      event.preventDefault();
      event.stopPropagation();
      run(event.target);
      return;
    }
    if (!dialog || (leaves && isListOpen())) return;
    if (event.target !== document.body && !dialog.contains(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
    press(dialog, saves ? save : leave);
  }, true);
}
