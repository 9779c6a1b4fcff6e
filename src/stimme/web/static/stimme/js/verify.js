// The page that checks a receipt in the browser. All its sentences are in the page.

import { checkPlace, currentTree, openPromised, pin, remember } from "./log-client.js";
import * as memory from "./memory.js";
import { moment, say, sentence } from "./say.js";
import {
  Fault,
  leafHash,
  openCheckpoint,
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
const site = { origin, log };

// Words

/** The level's name and, where a token line proves it, who says so. */
function levelInWords(level) {
  const name = `level-${level[0]}`;
  return sentence(name) ? [say(name), level.slice(1)] : [level];
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

// The two kinds of receipt

/** The log of now, held against what this browser saw of it before, where it keeps anything. */
async function compareWithMemory(tree, answer) {
  if (!(await memory.usable())) return;
  await pin(origin, { logKey, receiptKey });
  const seen = await remember(origin, tree);
  if (seen) answer.step("log-remembered", { seen });
}

async function checkProof(receipt, answer) {
  const { index, path, entry, note } = receipt;
  const key = await parseKey(logKey);
  const seen = await openCheckpoint(note, key, origin);
  answer.step("proof-signed", { size: seen.size, name: key.name });
  await verifyInclusion(await leafHash(entry), index, seen.size, path, seen.root);
  answer.step("proof-path", { index });
  const tree = await currentTree(site, key);
  answer.step("log-signed", { size: tree.size });
  if (tree.size < seen.size) throw new Fault("rolled-back", { seen: seen.size, size: tree.size });
  const between = await tree.consistencyPath(seen.size);
  await verifyConsistency(seen.size, tree.size, between, seen.root, tree.root);
  answer.step("log-grew", { seen: seen.size });
  await checkPlace(tree, entry, index);
  answer.step("log-shows", { index });
  await compareWithMemory(tree, answer);
  answer.verdict("proven", { index });
}

async function checkPromise(receipt, answer) {
  const key = await parseKey(receiptKey);
  const { deadline } = await openPromised(receipt, key, origin);
  const due = moment(new Date(deadline * 1000));
  answer.step("promise-signed", { due, name: key.name });
  answer.step("promise-path");
  const tree = await currentTree(site, await parseKey(logKey));
  answer.step("log-signed", { size: tree.size });
  await compareWithMemory(tree, answer);
  const leaf = await leafHash(receipt.entry);
  const place = await tree.find(leaf, MOST_TILES, (...at) => answer.progress(...at));
  if (place !== null) {
    await checkPlace(tree, receipt.entry, place);
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
