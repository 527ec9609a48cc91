// Say Streamlit's own English words in the person's language. In these elements stands people's own text, which is never translated.
const OWN_TEXT = '[data-testid="stText"], [data-testid="stHeading"], [data-testid="stHtml"], [class*="kb-"], [role="grid"], ' +
  'textarea, script, style';
// Markdown is people's own text as well, unless it is one of Streamlit's whole sentences, which have at least so many characters.
const LABEL = '[data-testid="stMarkdownContainer"]', MIN_SENTENCE_CHARS = 40;
// How large a file is or may be, as Streamlit writes it: 1.5MB.
const SIZE = /^(\d+)(?:\.(\d+))?([KMGT]?B)$/, UPLOADER = '[data-testid="stFileUploader"]';
const ATTRIBUTES = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'];

// An option is people's own text as well, except *select all*; the only line of a list may be Streamlit's *no results*.
const isOption = (element) => {
  const option = element.closest('[role="option"]');
  return option?.dataset.key !== '__select_all__' && option?.closest('[role="listbox"]')?.querySelectorAll('[role="option"]').length > 1;
};

function start() {
  let exact = new Map();
  let patterns = [];
  const back = new Map();

  // Return a size with a space before its unit, in the language's digits.
  const sizeOf = (text) => text.replace(SIZE, (_, whole, part, unit) => {
    const digits = part && Number(part) ? `${whole}${document.documentElement.lang === 'de' ? ',' : '.'}${part}` : whole;
    return `${digits}\u00a0${unit}`;
  });

  const say = (text, atLeast = 0) => {
    const bare = text.trim();
    if (!bare || bare.length < atLeast || bare.length > 300) return text;
    const word = exact.get(bare);
    if (word !== undefined) return text.replace(bare, () => word);
    for (const [pattern, names, made] of patterns) {
      const found = pattern.exec(bare);
      if (found) return text.replace(bare, () => made.replace(/\{(\w+)\}/g, (_, name) => sizeOf(found[names.indexOf(name) + 1])));
    }
    return text;
  };

  const readText = (node) => {
    if (!node.parentElement || node.parentElement.closest(OWN_TEXT) || isOption(node.parentElement)) return;
    if (SIZE.test(node.nodeValue.trim()) && node.parentElement.closest(UPLOADER)) node.nodeValue = sizeOf(node.nodeValue.trim());
    const said = say(node.nodeValue, node.parentElement.closest(LABEL) && !node.parentElement.closest(`${UPLOADER} button`) ? MIN_SENTENCE_CHARS : 0);
    if (said !== node.nodeValue) node.nodeValue = said;
  };

  const readAttributes = (element) => {
    if (element.closest('[class*="kb-"], [role="grid"]')) return;
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name);
      if (!text) continue;
      const said = say(text);
      if (said !== text) element.setAttribute(name, said);
    }
  };

  const readAll = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return readText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    readAttributes(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (walker.currentNode.nodeType === Node.TEXT_NODE) readText(walker.currentNode);
      else readAttributes(walker.currentNode);
    }
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === 'characterData') readText(change.target);
      else if (change.type === 'attributes') readAttributes(change.target);
      else change.addedNodes.forEach(readAll);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });

  return (language, words) => {
    document.documentElement.lang = language;
    exact = new Map();
    patterns = [];
    // Words that stand on the page in the language chosen before are replaced as well.
    const pairs = Object.entries(words).flatMap(([english, own]) => {
      const before = back.get(english);
      back.set(english, own);
      return before && before !== own ? [[english, own], [before, own]] : [[english, own]];
    });
    for (const [from, own] of pairs) {
      if (from === own && !from.includes('{size}')) continue;
      if (!from.includes('{')) { exact.set(from, own); continue; }
      const names = [...from.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
      const source = from.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)');
      patterns.push([new RegExp(`^${source}$`), names, own]);
    }
    readAll(document.body);
  };
}

export default function ({ data }) {
  const said = `${data.language}:${Object.keys(data.words).length}`;
  window.kundenblickTranslator ??= start();
  if (window.kundenblickTranslated === said) return;
  window.kundenblickTranslated = said;
  window.kundenblickTranslator(data.language, data.words);
}
