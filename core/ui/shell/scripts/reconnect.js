// A connection that was gone for long, or a server that started anew: it no longer knows what this page shows, and would take the next
// click for that of a stranger. The page is drawn anew as soon as the server is there again; what was typed into a form that is gone by
// then is handed over, to be copied.
const [CONNECTION, SCRIPT] = ['data-test-connection-state', 'data-test-script-state'];
const FIELDS = '[data-testid="stDialog"] :is(textarea, input:is([type="text"], [type="number"])):not([role="combobox"])';
const EVERY = 500, TURNS = 40;

const typed = () => [...document.querySelectorAll(FIELDS)]
  .filter((field) => field.value.trim())
  .map((field) => `${field.getAttribute('aria-label') || ''}: ${field.value}`);

export default function ({ data, tell }) {
  const own = (window.kundenblickFound ??= { gone: false, texts: [] });
  own.tell = tell;
  own.drawn = data.again;
  if (own.watching) return;
  const now = (what) => document.querySelector('.stApp')?.getAttribute(what);
  // Asked for again until the page says that it was drawn for this asking: the first one can meet a server that is not yet through.
  const ask = (asked, turns) => {
    if (own.asked !== asked || now(CONNECTION) !== 'CONNECTED' || turns > TURNS) return;
    if (own.drawn !== asked) {
      if (turns % 4 === 0) own.tell('again', asked);
    } else if (now(SCRIPT) === 'notRunning') {
      if (own.texts.length && !document.querySelector('[data-testid="stDialog"]')) own.tell('left', own.texts);
      return;
    }
    setTimeout(() => ask(asked, turns + 1), EVERY);
  };
  const look = () => {
    const state = now(CONNECTION);
    if (!state) return;
    if (state !== 'CONNECTED') own.gone = true;
    else if (own.gone) {
      own.gone = false;
      own.asked = Date.now();
      own.texts = typed();
      ask(own.asked, 0);
    }
  };
  own.watching = new MutationObserver(look);
  own.watching.observe(document.body, { subtree: true, attributes: true, attributeFilter: [CONNECTION] });
}
