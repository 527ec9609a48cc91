// Replace the English words of Streamlit's uploader and camera, and put a pasted picture into the uploader.
const NATIVE = [
  [/^Upload$|^Hochladen$|^Browse files?$/, 'upload'], [/^Drag and drop/, 'drop'], [/per file|je Datei/, 'limits'], [/^Uploading|^Wird hochgeladen/, 'uploading'],
  [/^Take Photo$/, 'take'], [/would like to use your camera/, 'allow'], [/^Learn how to allow/, 'how'], [/^Switch camera$/, 'switch'],
  [/^Clear photo$/, 'clear'],
];

function speak(container, words) {
  const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const found = NATIVE.find(([pattern]) => pattern.test(node.nodeValue.trim()));
    if (found && node.nodeValue !== words[found[1]]) node.nodeValue = words[found[1]];
  }
  for (const node of container.querySelectorAll('[aria-label], [title]')) {
    for (const name of ['aria-label', 'title']) {
      const found = NATIVE.find(([pattern]) => pattern.test((node.getAttribute(name) || '').trim()));
      if (found) node.setAttribute(name, words[found[1]]);
    }
  }
  // With these types a telephone offers its camera too.
  const input = container.querySelector('input[type="file"]');
  if (input && input.accept !== 'image/png,image/jpeg,image/webp') input.accept = 'image/png,image/jpeg,image/webp';
}

export default function ({ data }) {
  const { container: name, words } = data;
  const find = () => document.querySelector(`.st-key-${name}`);
  const again = () => { const container = find(); if (container) speak(container, words); };
  const watching = new MutationObserver(again);
  const container = find();
  if (container) watching.observe(container, { childList: true, subtree: true, characterData: true });
  again();
  const paste = (event) => {
    const input = find()?.querySelector('input[type="file"]');
    const file = [...(event.clipboardData?.files || [])].find((item) => item.type.startsWith('image/'));
    if (!input || !file) return;
    event.preventDefault();
    const carrier = new DataTransfer();
    carrier.items.add(file);
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };
  document.addEventListener('paste', paste);
  return () => { watching.disconnect(); document.removeEventListener('paste', paste); };
}
