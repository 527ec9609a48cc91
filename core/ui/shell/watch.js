// Ask the server every few seconds whether this page is still up to date; ask for a new run of the page only when it is not.
const askAgain = async (holder) => {
  const { account, mark } = holder.said;
  let now = null;
  try {
    const answer = await fetch(`/watch${account === null ? '' : `?account=${encodeURIComponent(account)}`}`, { cache: 'no-store' });
    if (answer.ok) now = (await answer.json()).mark;
  } catch { /* The server cannot be reached: Streamlit shows that itself. */ }
  // A run of the page may have set a newer mark while this request was under way: then the answer is out of date.
  if (now !== null && holder.said.mark === mark && now !== mark) holder.tell(now);
};

export default function ({ parentElement, data, setTriggerValue }) {
  const holder = (parentElement.kundenblickWatch ??= {});
  holder.said = data;
  holder.tell = (now) => setTriggerValue('other', now);
  holder.timer ??= setInterval(() => askAgain(holder), data.every * 1000);
  return () => { clearInterval(holder.timer); holder.timer = undefined; };
}
