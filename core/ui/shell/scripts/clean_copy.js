// Remove the invisible joiner from text that is copied or dragged out of the page. It keeps addresses on the page from becoming links, and
// a mail program would not recognise an address that contains it.
const JOINER = /\u2060/g;

function clean(event, transfer) {
  const selection = document.getSelection();
  const text = selection?.toString() ?? '';
  if (!transfer || !text.includes('\u2060') || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return false;
  const held = document.createElement('div');
  for (let place = 0; place < selection.rangeCount; place += 1) held.append(selection.getRangeAt(place).cloneContents());
  transfer.setData('text/plain', text.replace(JOINER, ''));
  transfer.setData('text/html', held.innerHTML.replace(JOINER, ''));
  return true;
}

export default function () {
  if (window.kundenblickCleanCopy) return;
  window.kundenblickCleanCopy = true;
  document.addEventListener('copy', (event) => { if (clean(event, event.clipboardData)) event.preventDefault(); });
  document.addEventListener('dragstart', (event) => { clean(event, event.dataTransfer); });
}
