// The page that checks a receipt in the browser. All its sentences are in the page.

import {
  Fault,
  Tree,
  equal,
  leafHash,
  openCheckpoint,
  openPromise,
  parseKey,
  parseReceipt,
  readVote,
  shortCode,
  verifyConsistency,
  verifyInclusion,
} from "./tlog.js";

const MOST_TILES = 4096; // a million lines, 32 MB: beyond that the command line is the way

const form = document.querySelector("#check");
const result = document.querySelector("#result");
const { origin, log, logKey, receiptKey, own } = form.dataset;
// Day before month, as everywhere on the site.
const language = document.documentElement.lang.replace(/^en$/, "en-GB");

// Words

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
const moment = (date) => date.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });

/** A copy of the page's template for `name`, with {words} in its texts filled in. */
function say(name, details = {}) {
  const copy = document.querySelector(`template[data-say="${name}"]`).content.cloneNode(true);
  const texts = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    node.data = node.data.replace(/\{(\w+)\}/g, (whole, word) => {
      const value = details[word] ?? whole;
      return typeof value === "number" ? grouped(value) : value;
    });
  }
  return copy;
}

/** The level's name and, where a token line proves it, who says so. */
function levelInWords(level) {
  const name = `level-${level[0]}`;
  const known = document.querySelector(`template[data-say="${name}"]`);
  return known ? [say(name), level.slice(1)] : [level];
}

/** Where the answer is built: a verdict, what the line says, and each step that held. */
class Answer {
  #verdict = document.createElement("div");
  #vote = document.createElement("div");
  #steps = document.createElement("ol");

  constructor() {
    const steps = say("steps");
    steps.querySelector("[data-steps]").replaceWith(this.#steps);
    result.replaceChildren(this.#verdict, this.#vote, steps);
    this.verdict("working");
  }

  verdict(name, details) {
    this.#verdict.replaceChildren(say(name, details));
  }

  step(name, details) {
    const item = document.createElement("li");
    item.append(say(name, details));
    this.#steps.append(item);
  }

  progress(done, all) {
    this.verdict("searching", { done, all });
    const bar = this.#verdict.querySelector("progress");
    [bar.max, bar.value] = [all, done];
  }

  async vote(receipt) {
    const code = await shortCode(receipt.entry);
    const vote = readVote(receipt.line);
    const copy = say(vote ? "vote" : "line", { line: receipt.line, code, ...vote });
    if (vote) {
      copy.querySelector("[data-choice]").replaceWith(say(`choice-${vote.choice}`));
      copy.querySelector("[data-level]").replaceWith(...levelInWords(vote.level));
      const hour = new Date(`${vote.day}T${vote.hour}:00:00Z`);
      copy.querySelector("[data-hour]").replaceWith(moment(hour));
    }
    this.#vote.replaceChildren(copy);
  }
}

// The log, as it is served now

async function read(path) {
  const cache = path === "checkpoint" ? "no-store" : "default";
  const answer = await fetch(log + path, { cache, credentials: "omit" }).catch(() => null);
  if (answer?.status === 404) return null;
  if (!answer?.ok) throw new Fault("unreachable", { path });
  return new Uint8Array(await answer.arrayBuffer());
}

async function currentTree(key) {
  const note = await read("checkpoint");
  if (!note) throw new Fault("missing", { path: "checkpoint" });
  const tree = new Tree(await openCheckpoint(new TextDecoder().decode(note), key, origin), read);
  await tree.trust();
  return tree;
}

/** Throws unless the log shows `entry` at `index`, under its root and in its own words. */
async function checkPlace(tree, entry, index) {
  const leaf = await leafHash(entry);
  await verifyInclusion(leaf, index, tree.size, await tree.inclusionPath(index), tree.root);
  if (!equal(await tree.entry(index), entry)) throw new Fault("other-words", { index });
}

// The two kinds of receipt

async function checkProof(receipt, answer) {
  const { index, path, entry, note } = receipt;
  const key = await parseKey(logKey);
  const seen = await openCheckpoint(note, key, origin);
  answer.step("proof-signed", { size: seen.size, name: key.name });
  await verifyInclusion(await leafHash(entry), index, seen.size, path, seen.root);
  answer.step("proof-path", { index });
  const tree = await currentTree(key);
  answer.step("log-signed", { size: tree.size });
  if (tree.size < seen.size) throw new Fault("rolled-back", { seen: seen.size, size: tree.size });
  const between = await tree.consistencyPath(seen.size);
  await verifyConsistency(seen.size, tree.size, between, seen.root, tree.root);
  answer.step("log-grew", { seen: seen.size });
  await checkPlace(tree, entry, index);
  answer.step("log-shows", { index });
  answer.verdict("proven", { index });
}

async function checkPromise(receipt, answer) {
  const { index, path, entry, note } = receipt;
  const key = await parseKey(receiptKey);
  const { size, root, deadline } = await openPromise(note, key, origin);
  const due = moment(new Date(deadline * 1000));
  answer.step("promise-signed", { due, name: key.name });
  await verifyInclusion(await leafHash(entry), index, size, path, root);
  answer.step("promise-path");
  const tree = await currentTree(await parseKey(logKey));
  answer.step("log-signed", { size: tree.size });
  const place = await tree.find(await leafHash(entry), MOST_TILES, (...at) => answer.progress(...at));
  if (place !== null) {
    await checkPlace(tree, entry, place);
    answer.step("log-shows", { index: place });
    answer.verdict("kept", { index: place });
  } else if (tree.size > MOST_TILES * 256) {
    answer.verdict("not-found", { number: MOST_TILES * 256, due });
  } else {
    answer.verdict(Date.now() > deadline * 1000 ? "broken" : "not-due", { due });
  }
}

async function check(text) {
  const answer = new Answer();
  try {
    if (!crypto.subtle) throw new Fault("no-ed25519");
    const receipt = parseReceipt(`${text.trim()}\n`);
    await answer.vote(receipt);
    await (receipt.kind === "proof" ? checkProof : checkPromise)(receipt, answer);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    answer.verdict(error.code, error.details);
  }
}

// The form

async function run(text) {
  const controls = [...form.elements];
  controls.forEach((control) => { control.disabled = true; });
  try {
    await check(text);
  } catch (error) {
    result.replaceChildren(say("unexpected"));
    throw error;
  } finally {
    controls.forEach((control) => { control.disabled = false; });
    result.focus();
  }
}

async function runOwn() {
  const answer = await fetch(own, { cache: "no-store" });
  form.elements.text.value = await answer.text();
  await run(form.elements.text.value);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form.elements.text.value);
});
form.elements.file.addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  form.elements.text.value = await file.slice(0, 1_000_001).text(); // no receipt is longer
  run(form.elements.text.value);
});
form.hidden = false;
if (own) runOwn();
