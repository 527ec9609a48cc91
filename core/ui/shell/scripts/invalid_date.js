// Say so when Streamlit's date input changes a day that does not exist to the last day of the month, which it does silently on leaving.
const FIELD = '[data-testid="stDateInput"] [role="group"]';

// Return the date in the field as text, and its parts.
function read(field) {
  const number = (part) => field.querySelector(`[data-type="${part}"]`)?.textContent.trim() ?? '';
  return { text: field.textContent.replace(/[^\d./-]/g, ''), day: number('day'), rest: `${number('month')} ${number('year')}` };
}

export default function ({ data }) {
  window.kundenblickNoSuchDayWords = data.words;
  if (window.kundenblickNoSuchDay) return;
  window.kundenblickNoSuchDay = true;
  const place = document.createElement('div');
  place.className = 'kb-notice';
  place.setAttribute('role', 'status');
  document.body.append(place);
  let away = 0;

  document.addEventListener('focusout', (event) => {
    const field = event.target.closest?.(FIELD);
    if (!field || field.contains(event.relatedTarget)) return;
    const typed = read(field);
    setTimeout(() => {
      const made = read(field);
      if (!/^\d+$/.test(typed.day) || made.day === typed.day || made.rest !== typed.rest) return;
      place.textContent = window.kundenblickNoSuchDayWords.replace('{typed}', typed.text).replace('{made}', made.text);
      place.dataset.shown = '';
      clearTimeout(away);
      away = setTimeout(() => { place.textContent = ''; delete place.dataset.shown; }, 10000);
    }, 200);
  }, true);
}
