// On the receipt and on “My votes”: this browser holds what it keeps against what the site says.

import { checkKept } from "./kept-receipts.js";
import { pinnedKeys, rememberedTree } from "./log-client.js";
import * as memory from "./memory.js";
import { moment, say } from "./say.js";
import { Fault } from "./tlog.js";
import { supported } from "./voter-key.js";

const place = document.querySelector("#watch");
const { account, origin, log, receipts, cid, boundTo } = place.dataset;
const only = cid ? [cid] : [];

/** Forget the seat's receipts: whoever knows that it was them wants no more alarms. */
function withWayOut(copy, receipt) {
  const button = copy.querySelector("[data-forget]");
  button?.addEventListener("click", async () => {
    await memory.forgetReceipts(receipt.account, receipt.cid);
    await watch();
  });
  return copy;
}

function wordsOf({ code, receipt, shown }) {
  const due = moment(new Date(receipt.deadline * 1000));
  const details = { line: receipt.line, promise: receipt.promise, shown: shown?.line ?? "–", due };
  return withWayOut(say(code, details), receipt);
}

async function findings() {
  const keys = await pinnedKeys({ origin, log });
  const tree = await rememberedTree({ origin, log }, keys.logKey);
  return checkKept({ receipts, origin, log, boundTo, tree, keys }, account, ...only);
}

const isAlarm = ({ code }) => code !== "waiting";

/** Whether this tab signed the vote and the site then took it without that signature. */
function isStripped() {
  const signed = cid && sessionStorage.getItem(`signed ${cid}`);
  return Boolean(signed) && signed !== boundTo;
}

async function watch() {
  if (!(await supported()) || !(await memory.usable())) return;
  if (isStripped()) {
    place.replaceChildren(say("stripped"));
    return;
  }
  if (!(await memory.receiptsOf(account, ...only)).length) {
    place.replaceChildren();
    return;
  }
  try {
    const { findings: found, number } = await findings();
    const alarms = found.filter(isAlarm);
    const good = found.length ? "kept-waiting" : "kept-proven";
    place.replaceChildren(...(alarms.length ? alarms.map(wordsOf) : [say(good, { number })]));
  } catch (error) {
    const { code, details } = error instanceof Fault ? error : new Fault("unexpected");
    place.replaceChildren(say(code, details));
    if (!(error instanceof Fault)) throw error;
  }
}

watch();

// While a vote waits for its seal the page looks again every few seconds, and so do we.
const slip = document.querySelector("#slip");
if (slip) new MutationObserver(watch).observe(slip.parentElement, { childList: true });
