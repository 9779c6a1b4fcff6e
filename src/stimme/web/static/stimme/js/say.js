// Words of a page: its scripts have none of their own, they fill in its templates.

// Day before month, as everywhere on the site.
const language = document.documentElement.lang.replace(/^en$/, "en-GB");

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");

export const moment = (date) =>
  date.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });

export const sentence = (name) => document.querySelector(`template[data-say="${name}"]`);

/** A copy of the page's template for `name`, with {words} in its texts filled in. */
export function say(name, details = {}) {
  const copy = sentence(name).content.cloneNode(true);
  const texts = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    node.data = node.data.replace(/\{(\w+)\}/g, (whole, word) => {
      const value = details[word] ?? whole;
      return typeof value === "number" ? grouped(value) : value;
    });
  }
  for (const place of copy.querySelectorAll("[data-choice-of]")) {
    place.replaceWith(say(`choice-${details[place.dataset.choiceOf]}`));
  }
  return copy;
}
