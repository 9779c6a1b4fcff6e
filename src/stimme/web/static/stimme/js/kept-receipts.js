// The receipts that this browser keeps, held against the log and against what the site shows.

import { checkPlace, openPromised } from "./log-client.js";
import * as memory from "./memory.js";
import { Fault, leafHash, bytesOf, parseReceipt, readVote } from "./tlog.js";
import { isSigned } from "./voter-key.js";

const MOST_TILES = 64; // 16,000 lines at a time: a promised line is among the newest
const LENIENCY = 120; // seconds by which clocks may differ

/** What the site gives as `path` of one's own receipt; null where it has none. */
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
  const { deadline } = await openPromised(promise, keys.receiptKey, origin);
  return { line: promise.line, deadline };
}

/** Where the site proves that the line stands; nothing before it has been sealed. */
async function provenIndex({ receipts }, { cid, line }) {
  const proof = await fetchOwn(`${receipts}${cid}/proof`);
  return proof?.line === line ? proof.index : null;
}

/** Find the line of a receipt in the log and note its place; what is to be said if it is not. */
async function prove(receipt, shown, site) {
  const { tree, isSealed } = site;
  if (!isDue(receipt) && !isSealed) return { code: "waiting", receipt };
  const entry = bytesOf(receipt.line);
  const isLatest = shown?.line === receipt.line;
  const index =
    (isLatest ? await provenIndex(site, receipt) : null) ??
    (await tree.find(await leafHash(entry), MOST_TILES, () => {}));
  if (index !== null && index < tree.size) {
    await checkPlace(tree, entry, index);
    await memory.keepReceipt({ ...receipt, index });
    return null;
  }
  const code = tree.size > MOST_TILES * 256 ? "not-among-newest" : "dropped";
  return { code: isDue(receipt) ? code : "waiting", receipt };
}

/** Throws unless a line that stood in the log stands there still. */
async function stillThere({ line, index }, _shown, { tree }) {
  await checkPlace(tree, bytesOf(line), index);
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
  for (const receipt of kept) {
    const missing = await (receipt.index === undefined ? prove : stillThere)(receipt, shown, site);
    if (missing) findings.push(missing);
  }
  return findings;
}

function bySeat(receipts) {
  const seats = new Map();
  for (const one of receipts) seats.set(one.cid, [...(seats.get(one.cid) ?? []), one]);
  return [...seats.values()];
}

/** Check what is kept of an account, or of one cause: { findings, number of receipts }. */
export async function checkKept(site, account, ...cid) {
  const receipts = await memory.receiptsOf(account, ...cid);
  const findings = [];
  for (const kept of bySeat(receipts)) findings.push(...(await checkSeat(kept, site)));
  return { findings, number: receipts.length };
}
