// Print what the page shows when a button for printing is pressed; its key begins with print-.
export default function () {
  if (window.kundenblickPrint) return;
  window.kundenblickPrint = true;
  document.addEventListener('click', (event) => {
    if (event.target.closest?.('[class*="st-key-print-"] button')) setTimeout(() => window.print());
  });
}
