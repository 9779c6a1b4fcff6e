// How a briefing was read, in three fields of its form: for how long it was visible, whether both
// reasons were in view, whether a source was opened. Nothing else is measured, nothing is sent
// but with the vote, and the site keeps only sums.

const form = document.querySelector("form.vote");
const reasons = document.querySelectorAll("[data-strongest]");
const IN_VIEW = 0.6; // of a reason

const seen = new Set();
let isSourceOpened = false;
let visible = 0; // milliseconds, until the page was last hidden
let since = document.hidden ? null : performance.now();

const now = () => visible + (since === null ? 0 : performance.now() - since);

document.addEventListener("visibilitychange", () => {
  visible = now();
  since = document.hidden ? null : performance.now();
});

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) seen.add(target);
  },
  { threshold: IN_VIEW },
);
for (const reason of reasons) observer.observe(reason);

for (const event of ["click", "auxclick"]) {
  document.addEventListener(event, ({ target }) => {
    isSourceOpened ||= Boolean(target.closest("[data-sources] a"));
  });
}

// Before the scripts of the form read it.
document.addEventListener(
  "submit",
  ({ target }) => {
    if (target !== form || !form.elements.seconds) return;
    form.elements.seconds.value = Math.round(now() / 1000);
    form.elements.both.value = reasons.length === 2 && seen.size === 2 ? "1" : "";
    form.elements.source.value = isSourceOpened ? "1" : "";
  },
  { capture: true },
);
