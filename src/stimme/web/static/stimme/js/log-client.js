// The log as it is served now, held against what this browser saw of it before.

import * as memory from "./memory.js";
import {
  Fault,
  Tree,
  equal,
  leafHash,
  openCheckpoint,
  openPromise,
  parseKey,
  textOf,
  verifyConsistency,
  verifyInclusion,
} from "./tlog.js";

const CACHED_FOR = 3000; // milliseconds for which a proxy may give an older checkpoint

/** The bytes at `path` of the log, or null where there is nothing. Throws `unreachable`. */
export async function read(log, path) {
  const cache = path.startsWith("tile/") ? "default" : "no-store";
  const answer = await fetch(log + path, { cache, credentials: "omit" }).catch(() => null);
  if (answer?.status === 404) return null;
  if (!answer?.ok) throw new Fault("unreachable", { path });
  return new Uint8Array(await answer.arrayBuffer());
}

/** The tree that the log shows now, its root signed by `key`; throws what is wrong with it. */
export async function currentTree({ origin, log }, key) {
  const bytes = await read(log, "checkpoint");
  if (!bytes) throw new Fault("missing", { path: "checkpoint" });
  const note = textOf(bytes);
  const tree = new Tree(await openCheckpoint(note, key, origin), (path) => read(log, path));
  await tree.trust();
  return Object.assign(tree, { note });
}

/** Throws unless the log shows `entry` at `index`, under its root and in its own words. */
export async function checkPlace(tree, entry, index) {
  const leaf = await leafHash(entry);
  await verifyInclusion(leaf, index, tree.size, await tree.inclusionPath(index), tree.root);
  if (!equal(await tree.entry(index), entry)) throw new Fault("other-words", { index });
}

/** What `key` promised with a receipt: { size, root, deadline }; throws what is wrong with it. */
export async function openPromised({ kind, entry, index, path, note }, key, origin) {
  if (kind !== "promise") throw new Fault("no-receipt");
  const promised = await openPromise(note, key, origin);
  await verifyInclusion(await leafHash(entry), index, promised.size, path, promised.root);
  return promised;
}

/** Note the keys of a log where none are noted; throws `other-keys` unless they are the same. */
export async function pin(origin, { logKey, receiptKey }) {
  const known = await memory.logOf(origin);
  if (!known) await memory.keepLog({ origin, logKey, receiptKey, size: 0 });
  else if (known.logKey !== logKey || known.receiptKey !== receiptKey) {
    throw new Fault("other-keys", { known: known.logKey, found: logKey });
  }
}

/** The keys that the log names, which are those that this browser noted at first sight. */
export async function pinnedKeys({ origin, log }) {
  const bytes = await read(log, "keys");
  if (!bytes) throw new Fault("missing", { path: "keys" });
  const [logKey, receiptKey] = textOf(bytes).trim().split("\n");
  await pin(origin, { logKey, receiptKey });
  return { logKey: await parseKey(logKey), receiptKey: await parseKey(receiptKey) };
}

/** Throws `shrunk` or `two-logs` unless what was seen of the log is the beginning of `tree`. */
async function compare(seen, tree) {
  const details = { seen: seen.size, size: tree.size, old: seen.note, note: tree.note };
  if (tree.size < seen.size) throw new Fault("shrunk", details);
  const path = await tree.consistencyPath(seen.size);
  try {
    await verifyConsistency(seen.size, tree.size, path, seen.root, tree.root);
  } catch {
    throw new Fault("two-logs", details);
  }
}

/** Hold `tree` against the largest that was seen, which it then becomes; the size of that. */
export async function remember(origin, tree) {
  const seen = await memory.logOf(origin);
  if (seen.size) await compare(seen, tree);
  await memory.keepLog({ ...seen, size: tree.size, root: tree.root, note: tree.note });
  return seen.size;
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** The tree of now, held against memory. The keys are to be pinned before. */
export async function rememberedTree(site, key) {
  const seen = await memory.logOf(site.origin);
  let tree = await currentTree(site, key);
  if (tree.size < seen.size) {
    await pause(CACHED_FOR);
    tree = await currentTree(site, key);
  }
  await remember(site.origin, tree);
  return tree;
}
