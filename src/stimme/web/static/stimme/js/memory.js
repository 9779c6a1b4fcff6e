// What this browser keeps by itself, in IndexedDB, where no other site can read it: a secret for
// each account, receipts, and what it has seen of the log. Nothing of it is ever sent.

const STORES = {
  secrets: "account", // { account, secret, since }
  receipts: ["account", "cid", "seq"], // { account, cid, seq, line, promise, deadline, index }
  logs: "origin", // { origin, logKey, receiptKey, size, note }
};

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("stimme", 1);
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        request.result.createObjectStore(name, { keyPath });
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Whether this browser keeps anything for us: some do not in a private window. */
export const usable = () => database().then(() => true, () => false);

/** Run `ask(store)` in a transaction of its own; what its request gave, once that is durable. */
async function run(name, mode, ask) {
  const base = await database();
  return new Promise((resolve, reject) => {
    const transaction = base.transaction(name, mode, { durability: "strict" });
    const request = ask(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

// Secrets

export async function secretOf(account) {
  const found = await run("secrets", "readonly", (store) => store.get(account));
  return found?.secret ?? null;
}

/** Keep `secret` unless the account has one already; the one that it then has. */
export async function addSecret(account, secret) {
  try {
    await run("secrets", "readwrite", (store) => store.add({ account, secret }));
  } catch (error) {
    if (error.name !== "ConstraintError") throw error; // another tab was first
  }
  return secretOf(account);
}

// Receipts

const rangeOf = (...start) => IDBKeyRange.bound(start, [...start, []]);

export const keepReceipt = (receipt) =>
  run("receipts", "readwrite", (store) => store.put(receipt));

/** The account's receipts, of one cause if given, in the order of their votes. */
export const receiptsOf = (account, ...cid) =>
  run("receipts", "readonly", (store) => store.getAll(rangeOf(account, ...cid)));

export const forgetReceipts = (account, ...cid) =>
  run("receipts", "readwrite", (store) => store.delete(rangeOf(account, ...cid)));

// The log

export const logOf = (origin) => run("logs", "readonly", (store) => store.get(origin));

export const keepLog = (log) => run("logs", "readwrite", (store) => store.put(log));

/** Delete what is kept for an account, and what was seen of the log. */
export async function forgetAll(account, origin) {
  await run("secrets", "readwrite", (store) => store.delete(account));
  await forgetReceipts(account);
  await run("logs", "readwrite", (store) => store.delete(origin));
}
