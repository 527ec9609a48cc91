// Fetch exports here, so that the page says that one is being made or went wrong; the links work without this as well.
const NOTICE_AFTER_MS = 700;

function notice() {
  const place = document.createElement('div');
  place.className = 'kb-notice';
  place.setAttribute('role', 'status');
  document.body.append(place);
  return place;
}

async function fetched(link, words, place) {
  const waiting = setTimeout(() => { place.textContent = words.preparing; place.dataset.shown = ''; }, NOTICE_AFTER_MS);
  try {
    const answer = await fetch(link.href, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(answer.status);
    const name = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get('Content-Disposition') ?? '');
    const url = URL.createObjectURL(await answer.blob());
    const save = Object.assign(document.createElement('a'), { href: url, download: name ? decodeURIComponent(name[1]) : '' });
    save.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    place.textContent = '';
    delete place.dataset.shown;
  } catch {
    place.textContent = words.failed;
    place.dataset.shown = '';
    setTimeout(() => { place.textContent = ''; delete place.dataset.shown; }, 8000);
  } finally {
    clearTimeout(waiting);
  }
}

export default function ({ data }) {
  window.kundenblickDownloadWords = data.words;
  if (window.kundenblickDownloads) return;
  window.kundenblickDownloads = true;
  const place = notice();
  let busy = false;
  document.addEventListener('click', async (event) => {
    const link = event.target.closest?.('a[href*="/export/"]');
    if (!link || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    await fetched(link, window.kundenblickDownloadWords, place);
    busy = false;
  }, true);
}
