// The keyboard: / and Ctrl+K lead to the search from anywhere.
export default function () {
  if (window.kundenblickKeys) return;
  window.kundenblickKeys = true;
  const field = () => document.querySelector('[data-testid="stSidebar"] input[type="search"], [data-testid="stSidebar"] input');
  const typing = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;

  document.addEventListener('keydown', (event) => {
    const target = event.target;
    if ((event.key === '/' && !typing(target)) || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k')) {
      const focus = () => { field()?.focus(); field()?.select(); };
      if (field()?.getBoundingClientRect().left >= 0) focus();
      else { document.querySelector('[data-testid="stExpandSidebarButton"]')?.click(); setTimeout(focus, 250); }
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
}
