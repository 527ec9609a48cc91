// Show text that is cut off, or said shortly, in full under the pointer. Tables are drawn on a canvas: the grid says which cell is under the pointer, and its
// text is in the hidden table for screen readers. Other elements get a title.
const REST_MS = 250, MOVED_ON_MS = 40, PADDING_PX = 16, MAX_CHARS = 2000;
const GRID = '[data-testid="stDataFrame"]', CANVAS = 'canvas[data-testid="data-grid-canvas"]';

// Return the grid's own handle; where it is not found (another version of Streamlit) there are no hints, and nothing else changes.
function handleOf(canvas) {
  const name = Object.keys(canvas).find((key) => key.startsWith('__reactFiber$'));
  for (let node = canvas[name], steps = 0; node && steps < 60; node = node.return, steps += 1) {
    const handle = node.ref?.current;
    if (handle?.getMouseArgsForPosition && handle.getBounds && handle.updateCells) return handle;
  }
  return null;
}

// Return what a cell says in full: a card's head holds it, by column, where the cells say it shortly.
function saidShortly(grid, column, row) {
  const held = grid.closest('[class*="st-key-card-"]')?.querySelector('[data-whole]')?.dataset.whole;
  return held ? JSON.parse(held)[column]?.[row] ?? '' : '';
}

// Return {text, box} of the cell or head at this place when its text is cut off or short for another, else null.
function cutAt(grid, x, y) {
  const canvas = grid.querySelector(CANVAS);
  const handle = canvas && handleOf(canvas);
  const at = handle?.getMouseArgsForPosition(x, y);
  if (!at || (at.kind !== 'cell' && at.kind !== 'header')) return null;
  const [column, row] = at.location;
  // The cells' ids count the column of ticks, the handle and aria-colindex do not.
  const cell = at.kind === 'header' ? canvas.querySelector(`th[aria-colindex="${column + 1}"]`)
    : canvas.querySelector(`tr[aria-rowindex="${row + 2}"] > td[aria-colindex="${column + 1}"]`);
  // A face has no words.
  if (cell && getComputedStyle(cell).display === 'none') return null;
  const short = cell?.textContent.trim();
  const full = at.kind === 'cell' && saidShortly(grid, column, row);
  const text = full || short;
  const box = text && handle.getBounds(column, at.kind === 'header' ? -1 : row);
  if (!box) return null;
  const style = getComputedStyle(canvas);
  const pen = (cutAt.pen ??= document.createElement('canvas').getContext('2d'));
  pen.font = `${style.getPropertyValue(at.kind === 'header' ? '--gdg-header-font-style' : '--gdg-base-font-style')} ` +
    style.getPropertyValue('--gdg-font-family');
  const seen = grid.getBoundingClientRect();
  const left = Math.max(box.x, seen.left), right = Math.min(box.x + box.width, seen.right);
  const covered = box.width - (right - left) > 1;
  return (full && full !== short) || pen.measureText(text).width + PADDING_PX > box.width || covered ? { text, box: { left, bottom: box.y + box.height, top: box.y } } : null;
}

function start() {
  const hint = document.createElement('div');
  hint.className = 'kb-whole';
  hint.setAttribute('role', 'tooltip');
  hint.hidden = true;
  document.body.append(hint);
  let timer = 0, shown = '';

  const hide = () => { clearTimeout(timer); hint.hidden = true; shown = ''; };

  const show = (grid, x, y) => {
    let cut = null;
    try { cut = grid.isConnected ? cutAt(grid, x, y) : null; } catch { cut = null; }
    if (!cut) return hide();
    hint.textContent = cut.text.slice(0, MAX_CHARS);
    hint.hidden = false;
    const { width, height } = hint.getBoundingClientRect();
    hint.style.left = `${Math.max(8, Math.min(cut.box.left, innerWidth - width - 8))}px`;
    const below = cut.box.bottom + 4;
    hint.style.top = `${below + height < innerHeight ? below : Math.max(8, cut.box.top - height - 4)}px`;
  };

  document.addEventListener('pointermove', (event) => {
    const grid = event.pointerType === 'touch' ? null : event.target.closest?.(GRID);
    if (!grid) return hint.hidden ? clearTimeout(timer) : hide();
    const place = `${Math.round(event.clientX / 4)}:${Math.round(event.clientY / 4)}`;
    if (place === shown) return;
    clearTimeout(timer);
    shown = place;
    timer = setTimeout(show, hint.hidden ? REST_MS : MOVED_ON_MS, grid, event.clientX, event.clientY);
  }, { passive: true });
  for (const name of ['pointerdown', 'keydown', 'wheel', 'scroll', 'blur']) window.addEventListener(name, hide, { capture: true, passive: true });

  document.addEventListener('pointerover', (event) => {
    for (let element = event.target, steps = 0; element?.nodeType === 1 && steps < 4; element = element.parentElement, steps += 1) {
      if (getComputedStyle(element).textOverflow !== 'ellipsis') continue;
      const own = element.dataset.whole !== undefined;
      if (element.title && !own) return;
      const cut = element.scrollWidth > element.clientWidth ? element.textContent.trim().slice(0, MAX_CHARS) : '';
      if (cut) { element.title = cut; element.dataset.whole = ''; } else if (own) { element.removeAttribute('title'); delete element.dataset.whole; }
      return;
    }
  }, { passive: true });
}

export default function () {
  if (window.kundenblickWholeText) return;
  window.kundenblickWholeText = true;
  start();
}
