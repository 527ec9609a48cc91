// End text that does not fit into a cell with “…”: the grid of Streamlit 1.67 cuts it at the cell's edge. Only its own canvases, which are
// opaque, are looked at; the clip the grid sets before it writes is the cell's room. Data, copies and screen readers keep the whole text.
// A head that ends in the invisible letter UNWRITTEN is for screen readers alone.
// A head that ends in the invisible letter OVER_FIGURES stands at the right, over figures, where Streamlit 1.67 has no setting for it.
const EDGE_PX = 6, LEAST_CHARS = 3, MAX_KEPT = 4000, HEAD_PX = 33, PADDING_PX = 8, DOT_PX = 2, OVER_FIGURES = '\u200b', UNWRITTEN = '\u2060';

function start() {
  const pen = CanvasRenderingContext2D.prototype;
  const { save, restore, rect, clip, fillText, arc } = pen;
  const known = new WeakMap(), kept = new Map();

  // Return what is known of a grid's context: the room of the cell it writes into, and the rooms it comes back to; null for other canvases.
  const stateOf = (context) => {
    let state = known.get(context);
    if (state === undefined) {
      state = context.getContextAttributes?.().alpha === false ? { rooms: [], room: null, drawn: null } : null;
      known.set(context, state);
    }
    return state;
  };

  const cut = (context, text, room) => {
    const key = `${context.font}|${Math.round(room)}|${text}`;
    let short = kept.get(key);
    if (short === undefined) {
      let low = 0, high = text.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (context.measureText(`${text.slice(0, middle).trimEnd()}…`).width <= room) low = middle; else high = middle - 1;
      }
      short = `${text.slice(0, low).trimEnd()}…`;
      if (kept.size > MAX_KEPT) kept.clear();
      kept.set(key, short);
    }
    return short;
  };

  pen.save = function () { const own = stateOf(this); if (own) own.rooms.push(own.room); return save.call(this); };
  pen.restore = function () { const own = stateOf(this); if (own) own.room = own.rooms.pop() ?? null; return restore.call(this); };
  pen.rect = function (x, y, width, height) { const own = stateOf(this); if (own) own.drawn = [x, width]; return rect.call(this, x, y, width, height); };
  pen.clip = function (...how) { const own = stateOf(this); if (own?.drawn) { own.room = own.drawn; own.drawn = null; } return clip.apply(this, how); };
  // The only dots in a head are the sign of Streamlit's menu, which is not offered (tables.css).
  pen.arc = function (x, y, radius, ...rest) { if (radius > DOT_PX || y > HEAD_PX || !stateOf(this)) arc.call(this, x, y, radius, ...rest); };
  pen.fillText = function (text, x, y, ...rest) {
    const room = stateOf(this)?.room;
    if (room && y < HEAD_PX && text.endsWith(UNWRITTEN)) return;
    if (room && y < HEAD_PX && text.endsWith(OVER_FIGURES)) {
      const align = this.textAlign, most = room[1] - 2 * PADDING_PX;
      this.textAlign = 'right';
      fillText.call(this, this.measureText(text).width > most ? cut(this, text, most) : text, room[0] + room[1] - PADDING_PX, y, ...rest);
      this.textAlign = align;
      return;
    }
    if (!room || text.length < LEAST_CHARS) return fillText.call(this, text, x, y, ...rest);
    const width = this.measureText(text).width, end = room[0] + room[1] - EDGE_PX, align = this.textAlign;
    const left = align === 'center' ? x - width / 2 : align === 'right' || align === 'end' ? x - width : x;
    if (left + width <= end + 1 || left >= end) return fillText.call(this, text, x, y, ...rest);
    this.textAlign = 'left';
    fillText.call(this, cut(this, text, end - left), left, y, ...rest);
    this.textAlign = align;
  };
}

export default function () {
  if (window.kundenblickEllipsis) return;
  window.kundenblickEllipsis = true;
  start();
}
