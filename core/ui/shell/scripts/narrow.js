// Tell the server once that the window is as narrow as a phone's, and again when that changes: lists then show fewer columns.
const NARROW = matchMedia('(max-width: 640px)');
let known = false, tellServer = null;

const tellIfNew = () => {
  if (!tellServer || known === NARROW.matches) return;
  known = NARROW.matches;
  tellServer('narrow', known);
};

export default function ({ data, tell }) {
  if (!tellServer) NARROW.addEventListener('change', tellIfNew);
  known = data.known;
  tellServer = tell;
  tellIfNew();
}
