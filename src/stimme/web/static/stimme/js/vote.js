// Votes that the browser signs with a key of its own, and the check of what the site answers.
// Without this file the same form does the same in custody: nothing here is needed to vote.

import { openPromised, pinnedKeys } from "./log-client.js";
import * as memory from "./memory.js";
import { say } from "./say.js";
import { Fault, bytesOf, join, parseReceipt, readVote, sha256, textOf } from "./tlog.js";
import {
  base64url,
  hourNow,
  isSigned,
  newSecret,
  signVote,
  supported,
  voterKey,
} from "./voter-key.js";

const MOST_TRIES = 10;
const MOST_STALE = 2;
const SHORTEST_PAUSE = 1; // seconds
const LONGEST_PAUSE = 30;
const PATIENCE = 20_000; // milliseconds for one answer
const READ = new Set(["seconds", "both", "source", "q1", "q2", "q3"]);
const LATEST_DEADLINE = 24 * 3600; // seconds: a promise for later would promise nothing

const form = document.querySelector("form[data-cid]");
const said = document.querySelector("[data-vote-said]");
const { account, cid, pseudonym, level, origin, log, boundTo, demand } = form.dataset;
const site = { origin, log };

const tell = (name, details) => said.replaceChildren(say(name, details));

function warn({ code, details }) {
  tell(code, details);
  said.focus();
}

// What is signed

/** Throws `reworded` unless the document that the cid binds asks what stands on the page. */
async function checkDemand(choice) {
  const address = form.dataset.askDocument;
  const answer = await fetch(address, { credentials: "omit", cache: "no-cache" }).catch(() => null);
  if (!answer?.ok) {
    if (choice === "withdrawn") return; // a hidden demand is not shown, and may be left
    throw new Fault("no-document");
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const hash = await sha256(join(bytesOf("stimme/cause/v1\n"), bytes));
  const shown = document.querySelector(demand).textContent.trim();
  const { ask } = base64url(hash.slice(0, 16)) === cid ? JSON.parse(textOf(bytes)) : {};
  if (ask?.trim() !== shown) throw new Fault("reworded", { shown, ask: ask ?? "–" });
}

/** The number and key that are due, from the page and from the `last` receipt kept of the seat. */
async function due() {
  const last = (await memory.receiptsOf(account, cid)).at(-1);
  const seq = Number(form.dataset.seq);
  if (!last) return { seq, binding: boundTo };
  if (last.seat !== pseudonym) throw new Fault("other-seat", { line: last.line });
  const isOld = seq <= last.seq; // the page was opened before the last vote
  if (isOld) return { seq: last.seq + 1, binding: last.vk === "-" ? boundTo : last.vk, last };
  if (last.vk !== "-" && last.vk !== boundTo) throw new Fault("taken", { line: last.line, shown: boundTo || "–" });
  return { seq, binding: boundTo, last };
}

/** The key to sign with; null for a vote in custody. Throws `other-device`. */
async function keyFor({ seq, binding }) {
  if (binding === "-" || (!binding && seq)) return null;
  const known = await memory.secretOf(account);
  const secret = known ?? (binding ? null : await memory.addSecret(account, newSecret()));
  const key = secret && (await voterKey(secret, cid));
  if (binding && key?.vk !== binding) throw new Fault("other-device");
  return key;
}

// What is sent

async function post(body) {
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => null);
  const json = await answer?.json().catch(() => null);
  return { status: answer?.status ?? 0, after: Number(answer?.headers.get("Retry-After")), json };
}

const isBusy = ({ status, json }) => status === 0 || status >= 500 || (status === 200 && !json);

/** Wait, longer from try to try and not as long as others, or until the network is back. */
function pause(tries, after) {
  const seconds = Math.min(Math.max(after || 2 ** tries, SHORTEST_PAUSE), LONGEST_PAUSE);
  tell("busy", { seconds });
  return new Promise((resolve) => {
    setTimeout(resolve, (seconds + Math.random()) * 1000);
    window.addEventListener("online", resolve, { once: true });
  });
}

const hoursBetween = (a, b) => {
  const [one, other] = [a, b].map((hour) => Date.parse(`${hour.slice(0, 13)}:00:00Z`));
  return Math.abs(one - other) / 3_600_000;
};

/** The vote with the number and hour that the site says are due after the `last` receipt. */
function renewed(vote, { seq, hour }, last) {
  if (!(hoursBetween(hour, hourNow()) <= 1)) throw new Fault("clock", { hour, now: hourNow() });
  if (seq <= last?.seq) throw new Fault("forgotten", { seq, promise: last.promise });
  return { ...vote, seq, hour };
}

const fieldsOf = ({ seq, choice, hour }, key, line) =>
  key ? { choice, seq, hour, vk: key.vk, sig: line.slice(-86) } : { choice };

/** What the form of a briefing says of how it was read: no other form has these fields. */
function read() {
  const fields = [...new FormData(form)].filter(([name, value]) => READ.has(name) && value);
  return Object.fromEntries(fields);
}

/** Send until there is an answer: { answer, vote, line }; without one the page is to explain. */
async function cast(first, key, last) {
  let [vote, stale] = [first, 0];
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const line = key && (await signVote(vote, key, origin));
    tell(key ? "signing" : "sending", { line, choice: vote.choice });
    const sent = fieldsOf(vote, key, line);
    const answer = await post({ ...read(), paper: form.elements.paper.value, ...sent });
    if (isBusy(answer)) await pause(tries, answer.after);
    else if (answer.status === 200) return { answer: answer.json, vote, line };
    else if (answer.json?.error === "stale" && stale < MOST_STALE) {
      vote = renewed(vote, answer.json, last);
      stale += 1;
    } else return { refused: sent };
  }
  throw new Fault("gave-up");
}

// What is answered

/** Whether the answer is about the vote that was sent, in the words that were signed. */
async function isMine({ line, changed }, vote, key, signed) {
  const found = readVote(line);
  const same = found?.cid === cid && found.seat === vote.seat && found.choice === vote.choice;
  if (!same || found.vk !== (key?.vk ?? "-")) return false;
  if (changed) return key ? line === signed : found.seq >= vote.seq;
  return !key || (found.seq <= vote.seq && isSigned(line, origin));
}

/** The receipt to keep. Throws `clash`, or what is wrong with the promise. */
async function check({ answer, vote, line }, key, keys) {
  if (!(await isMine(answer, vote, key, line))) {
    throw new Fault("clash", { line: line ?? vote.choice, shown: String(answer.line) });
  }
  const receipt = parseReceipt(String(answer.promise));
  const { deadline } = await openPromised(receipt, keys.receiptKey, origin);
  const late = deadline > Date.now() / 1000 + LATEST_DEADLINE;
  if (receipt.line !== answer.line || late) throw new Fault("empty-promise", { line: answer.line });
  const { seat, seq, vk } = readVote(answer.line);
  return { account, cid, seat, seq, vk, line: answer.line, promise: answer.promise, deadline };
}

// The form

/** Send the form as it would go without this file; the page that comes says what is wrong. */
function submitPlainly(fields) {
  if (fields.vk) sessionStorage.setItem(`signed ${cid}`, fields.vk); // see watch.js
  for (const [name, value] of Object.entries(fields)) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }
  form.submit();
}

async function vote(choice) {
  if (!(await supported()) || !(await memory.usable())) return submitPlainly({ choice });
  tell("checking");
  await checkDemand(choice);
  const keys = await pinnedKeys(site);
  const next = await due();
  const key = await keyFor(next);
  const first = { cid, seat: pseudonym, seq: next.seq, choice, level, hour: hourNow() };
  const sent = await cast(first, key, next.last);
  if (sent.refused) return submitPlainly(sent.refused);
  await memory.keepReceipt(await check(sent, key, keys));
  return location.assign(form.dataset.receipt);
}

let isUnderWay = false;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isUnderWay) return;
  isUnderWay = true;
  try {
    await vote(event.submitter?.value || new FormData(form).get("choice"));
  } catch (error) {
    isUnderWay = false;
    warn(error instanceof Fault ? error : new Fault("unexpected"));
    if (!(error instanceof Fault)) throw error;
  }
});

// A page that the browser kept from before the vote knows an old number, and is under way.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

/** Say beside the buttons who will be able to change the vote. */
async function introduce(place) {
  if (!place || !(await supported()) || !(await memory.usable())) return;
  const isInCustody = boundTo === "-" || (!boundTo && Number(form.dataset.seq));
  const key = (await memory.secretOf(account)) ? "key-known" : "key-new";
  place.replaceChildren(say(isInCustody ? "custody" : key));
}

introduce(document.querySelector("[data-who-signs]"));
