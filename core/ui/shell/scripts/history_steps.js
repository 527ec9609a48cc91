// Going to a client and coming back is one step each. Streamlit goes there in two: the client into the address of the page one is on, then
// the page's own; the first is no place anybody was, so the second takes its place in the history. From Info of one client that first step
// looks like going to Info of the other; then it counts only while nobody has done anything since.
const SOON = 5000;
const ABOUT_A_CLIENT = /\/(overview|info)$/;
const accountOf = (search) => new URLSearchParams(search).get('account');

export default function () {
  if (window.kundenblickOneStep) return;
  window.kundenblickOneStep = true;
  const push = window.history.pushState;
  let half = null;

  window.history.pushState = function (state, title, url) {
    const before = window.location.href, client = accountOf(window.location.search), from = window.location.pathname;
    const finishes = half && half.href === before && performance.now() - half.at < SOON && new URL(url, before).pathname !== from;
    if (finishes) window.history.replaceState(state, title, url);
    else push.call(this, state, title, url);
    const { pathname, search, href } = window.location;
    // A list with a client in its address, or a client's page without one.
    const nowhere = ABOUT_A_CLIENT.test(pathname) !== (accountOf(search) !== null);
    const perhaps = pathname.endsWith('/info') && accountOf(search) !== client;
    half = !finishes && pathname === from && (nowhere || perhaps) ? { href, nowhere, at: performance.now() } : null;
  };
  for (const done of ['click', 'keydown']) {
    window.addEventListener(done, () => { if (!half?.nowhere) half = null; }, true);
  }
}
