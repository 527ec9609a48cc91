// Make opening a client one step in the browser's history. Streamlit takes two: it puts the client into the address of the present page,
// then changes to the client's page. Nobody was at the first address, so the second replaces it. From Info of one client the first step
// looks like going to Info of the other; it is then replaced only if the person has done nothing since.
// And make what is typed into the search of a list one step: each pause in typing changes the address, and every change after the first
// replaces it. Any other act, and *back*, begins anew.
const SECOND_STEP_MS = 5000;
const CLIENT_PAGES = /\/(overview|info)$/;
// Return the text searched for in an address, and the rest of it; the page of the list follows the text.
const partsOf = (url) => {
  const { pathname, searchParams } = new URL(url, window.location.href), text = searchParams.get('q');
  for (const name of ['q', 'page']) searchParams.delete(name);
  return [text, `${pathname}?${searchParams}`];
};
const accountOf = (search) => new URLSearchParams(search).get('account');

export default function () {
  if (window.kundenblickOneStep) return;
  window.kundenblickOneStep = true;
  const push = window.history.pushState;
  let half = null, typed = null;

  window.history.pushState = function (state, title, url) {
    const before = window.location.href, client = accountOf(window.location.search), from = window.location.pathname;
    const finishes = half && half.href === before && performance.now() - half.at < SECOND_STEP_MS && new URL(url, before).pathname !== from;
    const [text, rest] = partsOf(url), [textBefore, restBefore] = partsOf(before);
    const types = text !== textBefore && rest === restBefore;
    if (finishes || (types && typed === before)) window.history.replaceState(state, title, url);
    else push.call(this, state, title, url);
    const { pathname, search, href } = window.location;
    typed = types ? href : null;
    // A list with a client in its address, or a client's page without one.
    const nowhere = CLIENT_PAGES.test(pathname) !== (accountOf(search) !== null);
    const perhaps = pathname.endsWith('/info') && accountOf(search) !== client;
    half = !finishes && pathname === from && (nowhere || perhaps) ? { href, nowhere, at: performance.now() } : null;
  };
  for (const done of ['click', 'keydown']) {
    window.addEventListener(done, () => { if (!half?.nowhere) half = null; }, true);
  }
  for (const act of ['popstate', 'pointerdown']) window.addEventListener(act, () => { typed = null; }, true);
}
