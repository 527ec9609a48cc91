// Draw a square frame over a picture, to drag and scale by mouse, touch (two fingers scale) and keys. Lengths are pixels of the picture.
const LEAST = 32, TALLEST = 340, SIZES = [96, 48];

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

const between = (value, low, high) => Math.min(Math.max(value, low), high);

function cropper(root, data, say) {
  const { width, height, words } = data;
  const longest = Math.min(width, height);
  const least = Math.min(LEAST, longest);
  // Begin in the middle; in an upright picture a little above it, where faces are.
  const at = { side: longest, x: (width - longest) / 2, y: (height - longest) * 0.35 };

  const box = make('div', 'kb-crop');
  const desk = make('div', 'desk');
  const left = make('div', 'left');
  const stage = make('div', 'stage');
  const picture = make('img');
  picture.src = data.image;
  picture.alt = '';
  picture.draggable = false;
  const frame = make('div', 'frame');
  frame.tabIndex = 0;
  const hint = make('p', 'hint', words.hint);
  hint.id = 'kb-crop-hint';
  for (const [name, value] of Object.entries({ role: 'application', 'aria-label': words.frame, 'aria-describedby': hint.id })) {
    frame.setAttribute(name, value);
  }
  for (const corner of ['nw', 'ne', 'sw', 'se']) {
    const handle = make('span', `handle ${corner}`);
    handle.dataset.corner = corner;
    frame.append(handle);
  }
  stage.append(picture, frame);
  left.append(stage);
  const shown = make('figure', 'shown');
  shown.append(make('figcaption', '', words.preview));
  const rounds = SIZES.map((pixels) => {
    const round = make('div', 'round');
    const small = make('img');
    small.src = data.image;
    small.alt = '';
    Object.assign(round.style, { width: `${pixels}px`, height: `${pixels}px` });
    round.dataset.pixels = pixels;
    round.append(small);
    shown.append(round);
    return { pixels, small };
  });
  desk.append(left, shown);
  const size = make('label', 'size', words.size);
  const slider = make('input');
  Object.assign(slider, { type: 'range', min: least, max: longest, step: 1 });
  size.append(slider);
  const status = make('p', 'status');
  status.setAttribute('role', 'status');
  const buttons = make('div', 'buttons');
  const other = make('button', 'other', words.other);
  const cancel = make('button', 'cancel', words.cancel);
  const save = make('button', 'save', words.save);
  for (const button of [other, cancel, save]) button.type = 'button';
  buttons.append(other, cancel, save);
  box.append(desk, size, hint, status, buttons);
  root.append(box);

  let scale = 1, saying = 0, busy = false;

  const fractions = () => [at.x / width, at.y / height, (at.x + at.side) / width, (at.y + at.side) / height];

  function draw() {
    Object.assign(frame.style, {
      left: `${at.x * scale}px`, top: `${at.y * scale}px`, width: `${at.side * scale}px`, height: `${at.side * scale}px`,
    });
    for (const { pixels, small } of rounds) {
      const by = pixels / at.side;
      Object.assign(small.style, { width: `${width * by}px`, height: `${height * by}px`, left: `${-at.x * by}px`, top: `${-at.y * by}px` });
    }
    slider.value = at.side;
    slider.setAttribute('aria-valuetext', `${Math.round((at.side / longest) * 100)} %`);
    frame.dataset.frame = fractions().map((value) => value.toFixed(4)).join(' ');
    clearTimeout(saying);
    saying = setTimeout(() => {
      const [x, y] = [at.x / width, at.y / height].map((value) => Math.round(value * 100));
      status.textContent = words.status.replace('{left}', x).replace('{top}', y).replace('{size}', Math.round((at.side / longest) * 100));
    }, 400);
  }

  function move(x, y) {
    at.x = between(x, 0, width - at.side);
    at.y = between(y, 0, height - at.side);
    draw();
  }

  // The point (fx, fy) of the frame, 0 to 1, stays where it is.
  function resize(side, fx = 0.5, fy = 0.5) {
    const wanted = between(side, least, longest);
    const [x, y] = [at.x + at.side * fx, at.y + at.side * fy];
    at.side = wanted;
    move(x - wanted * fx, y - wanted * fy);
  }

  function fit() {
    const room = left.clientWidth;
    if (!room) return;
    scale = Math.min(room / width, TALLEST / height);
    Object.assign(stage.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    draw();
  }
  const watching = new ResizeObserver(fit);
  watching.observe(left);

  const fingers = new Map();
  let grip = null;

  function point(event) {
    const place = stage.getBoundingClientRect();
    return { x: (event.clientX - place.left) / scale, y: (event.clientY - place.top) / scale };
  }

  function spread() {
    const [one, two] = [...fingers.values()];
    return Math.hypot(one.x - two.x, one.y - two.y);
  }

  function begin(event) {
    const here = point(event);
    fingers.set(event.pointerId, here);
    if (fingers.size === 2) { grip = { how: 'pinch', spread: spread(), side: at.side }; return; }
    const corner = event.target.dataset?.corner;
    if (corner) {
      // The opposite corner stays.
      const east = corner.includes('e'), south = corner.includes('s');
      grip = { how: 'corner', east, south, x: east ? at.x : at.x + at.side, y: south ? at.y : at.y + at.side };
      return;
    }
    const inside = here.x >= at.x && here.x <= at.x + at.side && here.y >= at.y && here.y <= at.y + at.side;
    if (!inside) move(here.x - at.side / 2, here.y - at.side / 2);
    grip = { how: 'move', x: here.x - at.x, y: here.y - at.y };
  }

  stage.addEventListener('pointerdown', (event) => {
    if (event.button) return;
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    begin(event);
    frame.focus({ preventScroll: true });
  });
  stage.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId) || !grip) return;
    const here = point(event);
    fingers.set(event.pointerId, here);
    if (grip.how === 'pinch') {
      if (fingers.size === 2 && grip.spread) resize(grip.side * (spread() / grip.spread));
    } else if (grip.how === 'move') {
      move(here.x - grip.x, here.y - grip.y);
    } else {
      const across = grip.east ? here.x - grip.x : grip.x - here.x;
      const down = grip.south ? here.y - grip.y : grip.y - here.y;
      const room = Math.min(grip.east ? width - grip.x : grip.x, grip.south ? height - grip.y : grip.y);
      const side = between(Math.max(across, down), least, Math.max(room, least));
      at.side = side;
      move(grip.east ? grip.x : grip.x - side, grip.south ? grip.y : grip.y - side);
    }
  });
  const end = (event) => {
    fingers.delete(event.pointerId);
    grip = null;
    if (fingers.size === 1) {
      const [here] = fingers.values();
      grip = { how: 'move', x: here.x - at.x, y: here.y - at.y };
    }
  };
  for (const name of ['pointerup', 'pointercancel']) stage.addEventListener(name, end);
  stage.addEventListener('wheel', (event) => {
    event.preventDefault();
    resize(at.side * Math.exp(between(event.deltaY, -100, 100) / 600));
  }, { passive: false });

  frame.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.max(longest * (event.shiftKey ? 0.1 : 0.01), 1);
    const keys = {
      ArrowLeft: () => move(at.x - step, at.y), ArrowRight: () => move(at.x + step, at.y),
      ArrowUp: () => move(at.x, at.y - step), ArrowDown: () => move(at.x, at.y + step),
      '+': () => resize(at.side + longest * 0.04), '-': () => resize(at.side - longest * 0.04),
      Enter: () => answer('save'),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  slider.addEventListener('input', () => resize(Number(slider.value)));

  function answer(what) {
    if (busy) return;
    busy = true;
    if (what === 'save') { save.textContent = words.saving; save.setAttribute('aria-disabled', 'true'); }
    say({ what, frame: fractions() });
  }
  other.addEventListener('click', () => answer('other'));
  cancel.addEventListener('click', () => answer('cancel'));
  save.addEventListener('click', () => answer('save'));

  let tries = data.tries;
  draw();
  fit();
  frame.focus({ preventScroll: true });
  return {
    image: data.image,
    again(fresh) {
      if (fresh.tries === tries) return;
      tries = fresh.tries;
      busy = false;
      save.textContent = words.save;
      save.removeAttribute('aria-disabled');
    },
    away() { watching.disconnect(); box.remove(); },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const shown = parentElement.kundenblick;
  if (shown?.image === data.image) { shown.again(data); return; }
  shown?.away();
  parentElement.kundenblick = cropper(parentElement, data, (said) => setTriggerValue('said', said));
}
