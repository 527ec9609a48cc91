// Keep where a table was scrolled to when it is drawn anew after a click: its key ends with another number then.
const SCROLLER = '.dvn-scroller';

// The page and its client: the rest of an address, as the order of Kunden, changes with what is clicked in the table itself.
const placeOf = () => `${location.pathname} ${new URLSearchParams(location.search).get('account') ?? ''}`;

const nameOf = (scroller) => {
  const key = [...(scroller.closest('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith('st-key-'));
  return key && `${placeOf()} ${key.replace(/-\d+$/, '')}`;
};

function start() {
  let page = '';
  const lefts = new Map();

  const again = (scroller, left, frames = 90) => {
    if (!scroller.isConnected || frames === 0) return;
    if (scroller.scrollWidth - scroller.clientWidth >= left) scroller.scrollLeft = left;
    else requestAnimationFrame(() => again(scroller, left, frames - 1));
  };

  document.addEventListener('scroll', (event) => {
    if (!event.target.matches?.(SCROLLER)) return;
    if (page !== placeOf()) { lefts.clear(); page = placeOf(); }
    const name = nameOf(event.target);
    if (name && event.isTrusted) lefts.set(name, event.target.scrollLeft);
  }, { capture: true, passive: true });

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const added of change.addedNodes) {
        if (added.nodeType !== Node.ELEMENT_NODE) continue;
        for (const scroller of added.matches(SCROLLER) ? [added] : added.querySelectorAll(SCROLLER)) {
          const left = lefts.get(nameOf(scroller));
          if (left) again(scroller, left);
        }
      }
    }
  }).observe(document.body, { subtree: true, childList: true });
}

// Measure how much of a table's height a scroll bar takes in this browser; 0 where it lies over the rows.
function measureBar() {
  const box = document.createElement('div');
  box.style.cssText = 'position: absolute; width: 99px; height: 99px; overflow: scroll; visibility: hidden';
  document.body.append(box);
  document.documentElement.style.setProperty('--kb-bar', `${box.offsetHeight - box.clientHeight}px`);
  box.remove();
}

export default function () {
  if (window.kundenblickTableScroll) return;
  window.kundenblickTableScroll = true;
  measureBar();
  start();
}
