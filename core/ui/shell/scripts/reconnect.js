// Draw the page anew after the connection was lost for long or the server restarted: the server no longer knows what this page shows, and
// would take the next click for a new visitor's. The text of a form that is gone by then is sent to the server, which shows it to be copied.
const [CONNECTION, SCRIPT] = ['data-test-connection-state', 'data-test-script-state'];
const FIELDS = '[data-testid="stDialog"] :is(textarea, input:is([type="text"], [type="number"])):not([role="combobox"])';
const ASK_EVERY_MS = 500, MAX_ATTEMPTS = 40;

const typed = () => [...document.querySelectorAll(FIELDS)]
  .filter((field) => field.value.trim())
  .map((field) => `${field.getAttribute('aria-label') || ''}: ${field.value}`);

export default function ({ data, tell }) {
  const own = (window.kundenblickFound ??= { gone: false, texts: [] });
  own.tell = tell;
  own.drawn = data.again;
  if (own.watching) return;
  const now = (what) => document.querySelector('.stApp')?.getAttribute(what);
  // Ask again until the page says that it was drawn for this request: the first can reach a server that is not ready yet.
  const ask = (asked, attempt) => {
    if (own.asked !== asked || now(CONNECTION) !== 'CONNECTED' || attempt > MAX_ATTEMPTS) return;
    if (own.drawn !== asked) {
      if (attempt % 4 === 0) own.tell('again', asked);
    } else if (now(SCRIPT) === 'notRunning') {
      if (own.texts.length && !document.querySelector('[data-testid="stDialog"]')) own.tell('left', own.texts);
      return;
    }
    setTimeout(() => ask(asked, attempt + 1), ASK_EVERY_MS);
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
