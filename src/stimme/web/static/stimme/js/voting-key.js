// The page “Your voting key”: shows, brings and forgets the key of this browser. Sends nothing.

import * as memory from "./memory.js";
import { say } from "./say.js";
import { Fault } from "./tlog.js";
import { fromWords, supported, toWords } from "./voter-key.js";

const page = document.querySelector("#voting-key");
const state = document.querySelector("#state");
const shown = document.querySelector("#words");
const form = page.querySelector("form");
const { account, origin } = page.dataset;

const wordList = async () => (await import(page.dataset.words)).wordlist;

async function refresh(name) {
  const secret = await memory.secretOf(account);
  state.replaceChildren(say(name ?? (secret ? "has-secret" : "no-secret")));
  for (const part of page.querySelectorAll("[data-if]")) {
    part.hidden = (part.dataset.if === "secret") !== Boolean(secret);
  }
  shown.hidden = true;
}

async function draw(text) {
  const [{ generate }, { toSvg }] = await Promise.all([
    import(page.dataset.qr),
    import(page.dataset.svg),
  ]);
  const svg = toSvg(generate(text), document, { width: 240, height: 240, off: "white" });
  shown.querySelector("[data-qr-here]").replaceChildren(svg);
}

function item(word) {
  return Object.assign(document.createElement("li"), { textContent: `${word} ` });
}

async function show() {
  const words = await toWords(await memory.secretOf(account), await wordList());
  shown.querySelector("[data-words-here]").replaceChildren(...words.map(item));
  await draw(words.join(" "));
  shown.hidden = false;
  shown.focus();
}

async function bring() {
  const secret = await fromWords(form.elements.words.value, await wordList());
  await memory.addSecret(account, secret);
  form.reset();
  await refresh("restored");
}

async function forget() {
  await memory.forgetAll(account, origin);
  await refresh("forgotten-here");
}

/** Run one of the above, and say what came of it where the reader is. */
async function act(action) {
  try {
    await action();
    if (action !== show) state.focus();
  } catch (error) {
    const { code, details } = error instanceof Fault ? error : new Fault("unexpected");
    state.replaceChildren(say(code, details));
    state.focus();
    if (!(error instanceof Fault)) throw error;
  }
}

async function start() {
  if (!(await supported()) || !(await memory.usable())) {
    state.replaceChildren(say("no-ed25519"));
    return;
  }
  await refresh();
  page.hidden = false;
  page.querySelector("[data-show]").addEventListener("click", () => act(show));
  page.querySelector("[data-forget]").addEventListener("click", () => act(forget));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(bring);
  });
}

start();
