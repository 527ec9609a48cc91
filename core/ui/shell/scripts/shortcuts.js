// Lead to the search from anywhere: by / and Ctrl+K, and by a button where the sidebar is closed; J and K step through the list one came from.
export default function () {
  if (window.kundenblickKeys) return;
  window.kundenblickKeys = true;
  const field = () => document.querySelector('[data-testid="stSidebar"] input[type="search"], [data-testid="stSidebar"] input');
  const typing = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
  const lead = () => {
    const focus = () => { field()?.focus(); field()?.select(); };
    if (field()?.getBoundingClientRect().left >= 0) focus();
    else { document.querySelector('[data-testid="stExpandSidebarButton"]')?.click(); setTimeout(focus, 250); }
  };

  document.addEventListener('click', (event) => { if (event.target.closest?.('.kb-to-search')) lead(); });
  document.addEventListener('keydown', (event) => {
    const target = event.target;
    if ((event.key === '/' && !typing(target)) || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k')) {
      lead();
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const step = { j: 'after', k: 'before' }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(target) || document.querySelector('[role="dialog"]')) return;
    document.querySelector(`.st-key-step-${step} button:not(:disabled)`)?.click();
  }, true);
}
