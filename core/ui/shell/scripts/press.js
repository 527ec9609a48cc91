// Make a press on a button count even when the page is drawn anew between pressing and releasing: leaving an input runs the form, a
// sentence appears, and the button has moved from under the pointer before the browser makes a click of the press.
const STILL_PX = 8, LOOK_FOR_MS = 1500;
const KEYED = '[class*="st-key-"]';

const keyOf = (button) => [...(button.closest(KEYED)?.classList ?? [])].find((name) => name.startsWith('st-key-'));

function start() {
  let pressed = null;

  const again = (press) => {
    const holder = document.getElementsByClassName(press.key)[press.place];
    const button = press.button.isConnected ? press.button : holder?.querySelector('button');
    if (button && !button.disabled) return button.click();
    if (performance.now() - press.at < LOOK_FOR_MS) requestAnimationFrame(() => again(press));
  };

  document.addEventListener('pointerdown', (event) => {
    const button = event.isPrimary && event.button === 0 ? event.target.closest?.('button') : null;
    const key = button && keyOf(button);
    // Only in a container with a single button is it certain which one was pressed.
    const holder = key && button.closest(KEYED);
    pressed = holder && holder.querySelectorAll('button').length === 1
      ? { key, button, place: [...document.getElementsByClassName(key)].indexOf(holder), x: event.clientX, y: event.clientY } : null;
  }, true);

  document.addEventListener('click', (event) => {
    if (pressed && event.target.closest?.('button') && keyOf(event.target.closest('button')) === pressed.key) pressed = null;
  }, true);

  document.addEventListener('pointercancel', () => { pressed = null; }, true);

  document.addEventListener('pointerup', (event) => {
    const press = pressed;
    if (!press || Math.hypot(event.clientX - press.x, event.clientY - press.y) > STILL_PX) { pressed = null; return; }
    // The browser's own click comes after this event, if it comes.
    setTimeout(() => {
      if (pressed !== press) return;
      pressed = null;
      press.at = performance.now();
      again(press);
    });
  }, true);
}

export default function () {
  if (window.kundenblickPress) return;
  window.kundenblickPress = true;
  start();
}
