// Keeps a count that the page already shows up to date, while somebody looks at it. Nothing
// moves: numbers change in place. Without a live tally at the server the page stays as it is.
const PAUSE = 10_000; // milliseconds between two sentences to a screen reader, at least

for (const shown of document.querySelectorAll("[data-live-tally]")) follow(shown);
for (const shown of document.querySelectorAll("[data-count-seen]")) note(shown.dataset.countSeen);

/** Remembers for a day, for the pages of this cause, that the count was seen before a vote. */
function note(cid) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  const path = location.pathname;
  document.cookie = `stimme_count=${cid}; path=${path}; max-age=86400; samesite=lax${secure}`;
}

function follow(shown) {
  const say = speaker(shown.querySelector("[data-live-said]"));
  let stream = null;
  let refused = false;

  const open = () => {
    if (stream || refused || document.hidden) return;
    stream = new EventSource(shown.dataset.liveTally);
    stream.addEventListener("tally", (event) => say(renew(shown, event.data)));
    stream.addEventListener("error", () => {
      // Closed by the browser, not merely interrupted: there is no live tally to wait for.
      refused = stream?.readyState === EventSource.CLOSED;
      if (refused) close();
    });
  };
  const close = () => {
    stream?.close();
    stream = null;
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

/** Shows the new count; returns the sentence that says it, or "" when nothing is new. */
function renew(shown, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".tally");
  if (!fresh) return "";
  const [old, now] = [parts(shown), parts(fresh)];
  const isNew = (name) => old.get(name)?.outerHTML !== now.get(name).outerHTML;
  const changed = [...now.keys()].filter(isNew);
  if (old.size !== now.size) {
    // With the first vote, numbers take the place of a sentence; with the last one withdrawn,
    // a sentence that of numbers.
    shown.querySelector(".tally").replaceWith(fresh);
  } else {
    // What is open, and where the focus is, stays: only what holds numbers is replaced.
    for (const name of changed) old.get(name).replaceWith(now.get(name));
  }
  return changed.length ? shown.querySelector("[data-said]").dataset.said : "";
}

function parts(section) {
  const found = section.querySelectorAll("[data-live]");
  return new Map([...found].map((part) => [part.dataset.live, part]));
}

/** Says the newest sentence politely, and never two within PAUSE. */
function speaker(place) {
  let waiting = "";
  let timer = 0;
  const speak = () => {
    timer = 0;
    if (waiting && waiting !== place.textContent) {
      place.textContent = waiting;
      timer = setTimeout(speak, PAUSE);
    }
  };
  return (sentence) => {
    waiting = sentence || waiting;
    if (waiting && !timer) speak();
  };
}
