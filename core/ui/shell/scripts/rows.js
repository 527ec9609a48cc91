// Open rows by a press, never by focus. The name in a row is a button of Streamlit's (ButtonColumn), which reacts only to the pointer on
// its words: here a press anywhere in the row, and Enter or Space, press it too. Tab leaves a table at once; arrows move within it.
// If the grid's internals are not found (another version of Streamlit), names still open by pointer.
const GRID = '[data-testid="stDataFrame"]', CANVAS = 'canvas[data-testid="data-grid-canvas"]';
const STILL_PX = 6, PADDING_PX = 8, ROW_PX = 28, MENU_PX = 34;
// Where in the cell Streamlit is told that the button was pressed: on its words, in the middle of the row.
const ON_WORDS = { bounds: { x: 0, y: 0, width: 200, height: ROW_PX }, localEventX: PADDING_PX + 4, localEventY: ROW_PX / 2, preventDefault() {} };

// Return {props, handle} of a canvas's grid from the tree React drew last: React keeps two, and the older one holds old rows.
function gridOf(canvas) {
  const name = Object.keys(canvas).find((key) => key.startsWith('__reactFiber$'));
  const line = new Set();
  let node = null;
  for (let above = canvas[name]; above; above = above.return) {
    line.add(above).add(above.alternate);
    node = above.stateNode?.current ?? null;
  }
  let props = null, handle = null;
  while (node && !(props && handle)) {
    if (!props && node.memoizedProps?.getCellContent && node.memoizedProps.gridSelection) props = node.memoizedProps;
    const held = node.ref?.current;
    if (held?.getMouseArgsForPosition && held.updateCells) handle = held;
    node = node.child;
    while (node && !line.has(node)) node = node.sibling;
  }
  return props && handle ? { props, handle } : null;
}

// Return {column, words} of the button in this row, or null where the table's rows do not open; where the cell one is in is another
// button, that one.
function buttonIn({ props }, row, own) {
  for (const column of [own, ...props.columns.keys()]) {
    if (column === undefined || column < 0) continue;
    const cell = props.getCellContent([column, row]);
    if (cell?.data?.kind === 'button-cell' && typeof cell.data.data === 'string') return { column, words: cell.data.data };
  }
  return null;
}

// Return whether the pointer is on the button's words, where the grid reacts to the press itself.
function onWords(canvas, { handle }, row, { column, words }, x) {
  const box = handle.getBounds(column, row), style = getComputedStyle(canvas);
  const pen = (onWords.pen ??= document.createElement('canvas').getContext('2d'));
  pen.font = `${style.getPropertyValue('--gdg-base-font-style')} ${style.getPropertyValue('--gdg-font-family')}`;
  return box && x >= box.x + PADDING_PX && x <= box.x + 3 * PADDING_PX + pen.measureText(words).width;
}

function press({ props }, row, column) {
  props.onCellClicked?.([column, row], ON_WORDS);
}

// Streamlit 1.67 ignores keys in a grid once the pointer was elsewhere: tell it that the pointer is here.
const wake = (grid) => grid?.props.onMouseMove?.({ kind: 'cell' });

// Choose a cell in a grid that got the focus by keyboard: the one that focus_back.js named, else the first.
function chooseCell(canvas) {
  const grid = canvas.isConnected ? gridOf(canvas) : null, again = canvas.dataset.again;
  if (!grid || !grid.props.rows || document.activeElement !== canvas) return;
  const { gridSelection, onGridSelectionChange, columns, rows } = grid.props;
  const has = gridSelection.current || gridSelection.columns.length || gridSelection.rows.length;
  if (again === undefined ? has : gridSelection.current?.cell.join() === again) return;
  // What was named stays named until a person presses something: the focus may come a second time before React has drawn the first choice.
  const wanted = (again ?? '0,0').split(',').map(Number);
  const cell = [Math.min(wanted[0], columns.length - 1), Math.min(wanted[1], rows - 1)];
  const current = { cell, range: { x: cell[0], y: cell[1], width: 1, height: 1 }, rangeStack: [] };
  onGridSelectionChange({ ...gridSelection, current });
}

// Make a press on the sign of a head's menu, which is neither drawn nor shown here (ellipsis.js, tables.css), one on the head's words.
function pressHead(event) {
  const canvas = event.isTrusted && event.target.closest?.(GRID)?.querySelector(CANVAS);
  const at = canvas && gridOf(canvas)?.handle.getMouseArgsForPosition(event.clientX, event.clientY);
  if (at?.kind !== 'header' || at.isEdge || at.bounds.x + at.bounds.width - event.clientX > MENU_PX) return;
  event.stopImmediatePropagation();
  const { clientY, button, buttons, detail, pointerId, pointerType, isPrimary } = event;
  event.target.dispatchEvent(new PointerEvent(event.type, {
    bubbles: true, cancelable: true, composed: true, view: window, clientX: at.bounds.x + PADDING_PX, clientY, button, buttons, detail, pointerId,
    pointerType, isPrimary,
  }));
}

function start() {
  let down = null;

  for (const type of ['pointerdown', 'pointerup', 'click']) document.addEventListener(type, pressHead, true);

  document.addEventListener('pointerdown', (event) => {
    for (const canvas of document.querySelectorAll(`${CANVAS}[data-again]`)) delete canvas.dataset.again;
    if (event.isPrimary) down = { x: event.clientX, y: event.clientY };
  }, true);

  document.addEventListener('click', (event) => {
    const canvas = event.isTrusted && event.target.closest?.(GRID)?.querySelector(CANVAS);
    if (!canvas || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!down || Math.hypot(event.clientX - down.x, event.clientY - down.y) > STILL_PX) return;
    const grid = gridOf(canvas), at = grid?.handle.getMouseArgsForPosition(event.clientX, event.clientY);
    if (at?.kind !== 'cell') return;
    const [column, row] = at.location, button = buttonIn(grid, row, column);
    // Before the first column stand the ticks.
    if (!button || column < 0) return;
    canvas.dataset.opened = at.location;
    if (column !== button.column || !onWords(canvas, grid, row, button, event.clientX)) press(grid, row, button.column);
  }, true);

  document.addEventListener('keydown', (event) => {
    const canvas = event.isTrusted && event.target.closest?.(CANVAS);
    if (!canvas) return;
    delete canvas.dataset.again;
    if (event.key === 'Tab' && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.stopImmediatePropagation();
      // Backwards from a cell the browser would stop at the cell's own table.
      if (event.shiftKey && event.target !== canvas) canvas.focus({ preventScroll: true });
      return;
    }
    const dialog = event.key === 'Escape' && canvas.closest('[role="dialog"]');
    if (dialog) {  // The grid would only clear its selection.
      event.stopImmediatePropagation();
      dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', bubbles: true, cancelable: true }));
      return;
    }
    const grid = gridOf(canvas);
    wake(grid);
    if ((event.key !== 'Enter' && event.key !== ' ') || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = grid?.props.gridSelection.current?.cell[1], button = row === undefined ? null : buttonIn(grid, row, grid.props.gridSelection.current.cell[0]);
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat) return;
    canvas.dataset.opened = grid.props.gridSelection.current.cell;
    press(grid, row, button.column);
  }, true);

  document.addEventListener('focusin', (event) => {
    const canvas = event.target;
    if (!canvas.matches?.(CANVAS) || !(canvas.matches(':focus-visible') || canvas.dataset.again)) return;
    wake(gridOf(canvas));
    setTimeout(chooseCell, 0, canvas);
  }, true);

  document.addEventListener('kundenblick-choose', (event) => chooseCell(event.target), true);
}

export default function () {
  if (window.kundenblickRows) return;
  window.kundenblickRows = true;
  start();
}
