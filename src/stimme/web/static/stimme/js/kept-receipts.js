// The receipts that this browser keeps, held against the log and against what the site shows.

import { checkPlace, openPromised } from "./log-client.js";
import * as memory from "./memory.js";
import { Fault, bytesOf, leafHash, parseReceipt, readVote, shortCode } from "./tlog.js";
import { isSigned } from "./voter-key.js";

const MOST_TILES = 64; // 16,000 lines at a time: a promised line is among the newest
const MOST_SEATS = 20; // on one page: each is a question to the site
const LENIENCY = 120; // seconds by which clocks may differ

/** The receipt that the site gives at `address`; null where it has none. */
async function fetchOwn(address) {
  const answer = await fetch(address, { cache: "no-store", redirect: "manual" }).catch(() => null);
  if (answer?.status === 404) return null;
  if (!answer?.ok) throw new Fault("signed-out");
  return parseReceipt(await answer.text());
}

const isDue = ({ deadline }) => Date.now() / 1000 > deadline + LENIENCY;

/** The latest line of the own seat as the site shows and promises it, or null without any. */
async function shownReceipt({ receipts, origin, keys }, cid) {
  const promise = await fetchOwn(`${receipts}${cid}/promise`);
  if (!promise) return null;
  await openPromised(promise, keys.receiptKey, origin);
  return { line: promise.line };
}

/** Where the site says that a line stands in the log; null where it knows nothing of it. */
async function placeOf({ log }, entry) {
  const address = `${log}find/?code=${await shortCode(entry)}`;
  const answer = await fetch(address, { credentials: "omit" }).catch(() => null);
  const [, index] = /id="line-(\d+)"/.exec((await answer?.text()) ?? "") ?? [];
  return index === undefined ? null : Number(index);
}

/** Find the line of a receipt in the log and note its place; what is to be said if it is not. */
async function prove(receipt, site) {
  const { tree } = site;
  const entry = bytesOf(receipt.line);
  const search = async () => tree.find(await leafHash(entry), MOST_TILES, () => {});
  const index = (await placeOf(site, entry)) ?? (isDue(receipt) ? await search() : null);
  if (index !== null && index < tree.size) {
    await checkPlace(tree, entry, index);
    receipt.index = index;
    await memory.keepReceipt(receipt);
    return null;
  }
  const code = tree.size > MOST_TILES * 256 ? "not-among-newest" : "dropped";
  return { code: isDue(receipt) ? code : "waiting", receipt };
}

/** What is wrong between the last receipt of a seat and the line that the site shows for it. */
async function judge(last, shown, { origin, boundTo }) {
  if (!shown) return "vanished";
  if (last.vk !== "-" && boundTo !== undefined && boundTo !== last.vk) return "taken";
  const vote = readVote(shown.line);
  if (vote?.cid !== last.cid || vote.seat !== last.seat) return "clash";
  if (vote.seq < last.seq) return "rolled-back-vote";
  if (vote.seq === last.seq) return shown.line === last.line ? null : "changed";
  if (last.vk === "-") return "changed-in-custody";
  return vote.vk === last.vk && (await isSigned(shown.line, origin)) ? null : "taken";
}

/** Findings about one seat: [{ code, receipt, shown }], nothing where all is as it should be. */
async function checkSeat(kept, site) {
  const last = kept.at(-1);
  const shown = await shownReceipt(site, last.cid);
  const fault = await judge(last, shown, site);
  const findings = fault ? [{ code: fault, receipt: last, shown }] : [];
  // What stood in the log once stands there still: the log of today begins with that of before.
  for (const receipt of kept.filter((one) => one.index === undefined)) {
    const missing = await prove(receipt, site);
    if (missing) findings.push(missing);
  }
  last.checked = Date.now();
  await memory.keepReceipt(last);
  return findings;
}

/** The receipts of each seat together; first the seats that were not looked at for longest. */
function bySeat(receipts) {
  const seats = new Map();
  for (const one of receipts) seats.set(one.cid, [...(seats.get(one.cid) ?? []), one]);
  const since = (kept) => kept.at(-1).checked ?? 0;
  return [...seats.values()].sort((a, b) => since(a) - since(b));
}

/** Check what is kept of an account, or of one cause: { findings, number of receipts }. */
export async function checkKept(site, account, ...cid) {
  const seats = bySeat(await memory.receiptsOf(account, ...cid)).slice(0, MOST_SEATS);
  const findings = [];
  for (const kept of seats) findings.push(...(await checkSeat(kept, site)));
  return { findings, number: seats.flat().length };
}
