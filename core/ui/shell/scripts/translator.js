// Where people's own text stands: nothing there is a word of Streamlit's, whatever it says, but for its whole sentences.
const THEIRS = '[data-testid="stText"], [data-testid="stHeading"], [data-testid="stHtml"], [class*="kb-"], [role="grid"], ' +
  'textarea, script, style';
const LABEL = '[data-testid="stMarkdownContainer"]', SENTENCE = 40;
const SAYS = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'];

// A choice is people's own as well, but for the one that takes all; a list that holds one line only may say that nothing was found.
const isOption = (element) => {
  const option = element.closest('[role="option"]');
  return option?.dataset.key !== '__select_all__' && option?.closest('[role="listbox"]')?.querySelectorAll('[role="option"]').length > 1;
};

function start() {
  let exact = new Map();
  let patterns = [];
  const back = new Map();

  const say = (text, atLeast = 0) => {
    const bare = text.trim();
    if (!bare || bare.length < atLeast || bare.length > 300) return text;
    const word = exact.get(bare);
    if (word !== undefined) return text.replace(bare, () => word);
    for (const [pattern, names, made] of patterns) {
      const found = pattern.exec(bare);
      if (found) return text.replace(bare, () => made.replace(/\{(\w+)\}/g, (_, name) => found[names.indexOf(name) + 1]));
    }
    return text;
  };

  const readText = (node) => {
    if (!node.parentElement || node.parentElement.closest(THEIRS) || isOption(node.parentElement)) return;
    const said = say(node.nodeValue, node.parentElement.closest(LABEL) ? SENTENCE : 0);
    if (said !== node.nodeValue) node.nodeValue = said;
  };

  const readAttributes = (element) => {
    if (element.closest('[class*="kb-"], [role="grid"]')) return;
    for (const name of SAYS) {
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
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SAYS });

  return (language, words) => {
    document.documentElement.lang = language;
    exact = new Map();
    patterns = [];
    // What stands there in the language before is said anew as well.
    const pairs = Object.entries(words).flatMap(([english, own]) => {
      const before = back.get(english);
      back.set(english, own);
      return before && before !== own ? [[english, own], [before, own]] : [[english, own]];
    });
    for (const [from, own] of pairs) {
      if (from === own) continue;
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
