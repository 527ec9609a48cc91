// An open page asks every few seconds whether it is still what it should be; a run of the page is asked for only when it is not.
const askAgain = async (holder) => {
  const { account, mark } = holder.said;
  let now = null;
  try {
    const answer = await fetch(`/watch${account === null ? '' : `?account=${encodeURIComponent(account)}`}`, { cache: 'no-store' });
    if (answer.ok) now = (await answer.json()).mark;
  } catch { /* the server is away: Streamlit's own connection says so */ }
  // What was said meanwhile by a run of the page counts, not the question asked before it.
  if (now !== null && holder.said.mark === mark && now !== mark) holder.tell(now);
};

export default function ({ parentElement, data, setTriggerValue }) {
  const holder = (parentElement.kundenblickWatch ??= {});
  holder.said = data;
  holder.tell = (now) => setTriggerValue('other', now);
  holder.timer ??= setInterval(() => askAgain(holder), data.every * 1000);
  return () => { clearInterval(holder.timer); holder.timer = undefined; };
}
