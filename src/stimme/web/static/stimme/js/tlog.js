// The public log, format `stimme log v1`, read and checked: no page, no network, no state.
// RFC 6962 hashing; tiles, checkpoints and proofs as in C2SP tlog-tiles, signed-note, tlog-proof.
// Numbers stay below 2^53, so sizes are divided, never shifted.

const WIDTH = 256;
const HASH_SIZE = 32;
const MAX_TEXT = 1_000_000;
const utf8 = new TextEncoder();

/** A fault with a code for which the page holds a sentence, and what that sentence names. */
export class Fault extends Error {
  constructor(code, details = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

const fail = (code, details) => {
  throw new Fault(code, details);
};

// Bytes

export const bytesOf = (text) => utf8.encode(text);

/** Throws TypeError for bytes that are no UTF-8. */
export const textOf = (bytes) =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

export const equal = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** Standard base64 in its one canonical spelling; null for anything else. */
export function unbase64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return base64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** Decimal without sign or leading zeros; null for anything else. */
function decimal(text) {
  const number = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : null;
  return Number.isSafeInteger(number) ? number : null;
}

// Hashes

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

export const leafHash = (entry) => sha256(join([0], entry));
export const nodeHash = (left, right) => sha256(join([1], left, right));

/** The short code of an entry: base32 of the first 15 bytes of its leaf hash, in fours. */
export async function shortCode(entry) {
  const bits = [...(await leafHash(entry)).slice(0, 15)].map((byte) =>
    byte.toString(2).padStart(8, "0"),
  );
  const letters = bits.join("").match(/.{5}/g).map((five) => parseInt(five, 2).toString(32));
  const base32 = letters.map((digit) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(digit, 32)]);
  return base32.join("").match(/.{4}/g).join("-");
}

async function parents(hashes) {
  const pairs = [];
  for (let at = 0; at + 1 < hashes.length; at += 2) {
    pairs.push(nodeHash(hashes[at], hashes[at + 1]));
  }
  const level = await Promise.all(pairs);
  return hashes.length % 2 ? [...level, hashes.at(-1)] : level;
}

// Proofs: RFC 9162, sections 2.1.3.2 and 2.1.4.2

const half = (number) => Math.floor(number / 2);

/** Pass the levels on which a node has no sibling and moves up unchanged. */
function skipLone(at, last) {
  while (at && at % 2 === 0) {
    [at, last] = [half(at), half(last)];
  }
  return [at, last];
}

/** Throws `path` unless the siblings in `path` lead from `leaf` at `index` to `root`. */
export async function verifyInclusion(leaf, index, size, path, root) {
  if (!(index >= 0 && index < size) || [leaf, ...path].some((one) => one.length !== HASH_SIZE)) {
    fail("path");
  }
  let [found, at, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    if (!last) fail("path");
    const isRight = at % 2 === 1 || at === last;
    found = isRight ? await nodeHash(sibling, found) : await nodeHash(found, sibling);
    if (isRight) [at, last] = skipLone(at, last);
    [at, last] = [half(at), half(last)];
  }
  if (last || !equal(found, root)) fail("path");
}

/** Throws `forked` unless the tree of `oldRoot` is the start of that of `newRoot`. */
export async function verifyConsistency(oldSize, newSize, path, oldRoot, newRoot) {
  if (!(oldSize >= 0 && oldSize <= newSize) || path.some((one) => one.length !== HASH_SIZE)) {
    fail("forked");
  }
  if (oldSize === 0 || oldSize === newSize) {
    const same = oldSize === 0 ? await sha256(new Uint8Array()) : oldRoot;
    const holds = equal(same, oldRoot) && (oldSize < newSize || equal(oldRoot, newRoot));
    if (path.length || !holds) fail("forked");
    return;
  }
  const [old, now] = await foldConsistency(oldSize, newSize, path, oldRoot);
  if (!equal(old, oldRoot) || !equal(now, newRoot)) fail("forked");
}

async function foldConsistency(oldSize, newSize, path, oldRoot) {
  let [at, last] = [oldSize - 1, newSize - 1];
  while (at % 2 === 1) {
    [at, last] = [half(at), half(last)];
  }
  const hashes = at ? path : [oldRoot, ...path];
  if (!hashes.length) fail("forked");
  let [old, now] = [hashes[0], hashes[0]];
  for (const sibling of hashes.slice(1)) {
    if (!last) fail("forked");
    if (at % 2 === 1 || at === last) {
      [old, now] = [await nodeHash(sibling, old), await nodeHash(sibling, now)];
      [at, last] = skipLone(at, last);
    } else {
      now = await nodeHash(now, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  if (last) fail("forked");
  return [old, now];
}

// Signed notes

/** Read `name+id+base64(type || key)`. Throws `key`; `no-ed25519` where the browser lacks it. */
export async function parseKey(vkey) {
  const [, name, id, blob] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? fail("key");
  const bytes = unbase64(blob);
  if (bytes?.length !== 1 + HASH_SIZE || bytes[0] !== 1) fail("key");
  const keyId = (await sha256(join(bytesOf(`${name}\n`), bytes))).slice(0, 4);
  if ([...keyId].map((byte) => byte.toString(16).padStart(2, "0")).join("") !== id) fail("key");
  try {
    const raw = bytes.slice(1);
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    return { name, keyId, key };
  } catch {
    return fail("no-ed25519");
  }
}

function splitNote(note) {
  const at = note.lastIndexOf("\n\n");
  const lines = note.slice(at + 2).split("\n");
  const signatures = lines.slice(0, -1).map((line) => {
    const [, name, blob] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? fail("note");
    const bytes = unbase64(blob) ?? fail("note");
    return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  if (at < 0 || lines.at(-1) !== "" || !signatures.length) fail("note");
  if (note.length > MAX_TEXT || signatures.length > 100) fail("note");
  return { text: note.slice(0, at + 1), signatures };
}

/** The text of a note that `key` signed. Throws `note`, `bad-signature`, `unsigned`. */
export async function openNote(note, key) {
  const { text, signatures } = splitNote(note);
  const own = signatures.filter((one) => one.name === key.name && equal(one.keyId, key.keyId));
  if (!own.length) fail("unsigned", { name: key.name });
  for (const { signature } of own) {
    const holds = await crypto.subtle.verify("Ed25519", key.key, signature, bytesOf(text));
    if (!holds) fail("bad-signature", { name: key.name });
  }
  return text;
}

/** { size, root } of a checkpoint signed by the log. Throws `origin`, `note` and as above. */
export async function openCheckpoint(note, key, origin) {
  const [found, sizeText, rootText, ...rest] = splitNote(note).text.split("\n");
  const [size, root] = [decimal(sizeText), unbase64(rootText ?? "")];
  if (size === null || root?.length !== HASH_SIZE || rest.pop() !== "" || rest.includes("")) {
    fail("note");
  }
  if (found !== origin) fail("origin", { found, origin });
  await openNote(note, key);
  return { size, root };
}

/** { size, root, deadline } of a promise signed by the receipt key; throws as above. */
export async function openPromise(note, key, origin) {
  const [first, ...fields] = splitNote(note).text.split("\n");
  if (first !== `${origin} receipt`) {
    fail("origin", { found: first.replace(/ receipt$/, ""), origin });
  }
  await openNote(note, key);
  const [size, root, deadline] = [decimal(fields[0]), unbase64(fields[1] ?? ""), decimal(fields[2])];
  const whole = size !== null && deadline !== null && root?.length === HASH_SIZE;
  if (!whole || fields.length !== 4 || fields[3] !== "") fail("note");
  return { size, root, deadline };
}

// Receipts

const FIRST_LINES = { "c2sp.org/tlog-proof@v1": "proof", "stimme/promise@v1": "promise" };

/**
 * Read a proof or a promise: { kind, entry, line, index, path, note }.
 * Throws `no-receipt` for another text, `damaged` for a broken one, `no-line` without its line.
 */
export function parseReceipt(text) {
  const [head] = text.split("\n\n", 1);
  const [first, ...rest] = head.split("\n");
  const kind = FIRST_LINES[first] ?? fail("no-receipt");
  if (text.length > MAX_TEXT || text.length === head.length) fail("damaged");
  if (!rest[0]?.startsWith("extra ")) fail("no-line");
  const entry = unbase64(rest.shift().slice(6));
  const index = decimal(/^index (\S+)$/.exec(rest.shift() ?? "")?.[1] ?? "");
  const path = rest.map(unbase64);
  const broken = path.length > 63 || path.some((one) => one?.length !== HASH_SIZE);
  if (!entry?.length || index === null || broken) fail("damaged");
  try {
    return { kind, entry, line: textOf(entry), index, path, note: text.slice(head.length + 2) };
  } catch {
    return fail("damaged");
  }
}

const VOTE =
  /^s1 vote ([\w-]{22}) ([\w-]{22}) (0|[1-9]\d*) (for|against|withdrawn) (\d(?::[a-z0-9.-]+)?) (\d{4}-\d\d-\d\d)T(\d\d)Z ([\w-]{43}|-) ([\w-]{86}|-)$/;

/** What a vote line says, in its own words; null for another line. */
export function readVote(line) {
  const match = VOTE.exec(line);
  if (!match) return null;
  const [, cid, seat, seq, choice, level, day, hour, vk, sig] = match;
  return { cid, seat, seq: Number(seq), choice, level, day, hour, vk, sig };
}

// Tiles

function resourcePath(kind, number, width) {
  const digits = String(number).padStart(Math.ceil(String(number).length / 3) * 3, "0");
  const groups = digits.match(/.{3}/g);
  const last = groups.pop();
  const partial = width === WIDTH ? "" : `.p/${width}`;
  return `tile/${kind}/${groups.map((group) => `x${group}/`).join("")}${last}${partial}`;
}

function decodeBundle(data, width, path) {
  const entries = [];
  let at = 0;
  while (at < data.length) {
    const start = at + 2;
    at = start + data[at] * WIDTH + data[at + 1];
    entries.push(data.slice(start, at));
  }
  if (at !== data.length || entries.length < width) fail("bundle", { path });
  return entries;
}

/**
 * The log of a signed { size, root }. `read(path)` gives bytes, or null where there is nothing.
 * Call `trust` first: from then on every hash that is used has been checked against the root.
 */
export class Tree {
  #read;
  #tiles = new Map();

  constructor({ size, root }, read) {
    this.size = size;
    this.root = root;
    this.#read = read;
  }

  /** Throws `tiles` unless the right edge of the tree gives the signed root. */
  async trust() {
    let height = 0;
    while (2 ** height < this.size) height += 1;
    const found = this.size ? await this.#node(height, 0) : await sha256(new Uint8Array());
    if (!equal(found, this.root)) fail("tiles", { size: this.size });
  }

  leaf(index) {
    return this.#node(0, index);
  }

  async inclusionPath(index) {
    return this.#climb(0, index);
  }

  async consistencyPath(oldSize) {
    if (oldSize === 0 || oldSize === this.size) return [];
    let [level, index] = [0, oldSize];
    while (index % 2 === 0) [level, index] = [level + 1, half(index)];
    const start = index > 1 ? [await this.#node(level, index - 1)] : [];
    return [...start, ...(await this.#climb(level, index - 1))];
  }

  /** The index of a leaf hash, newest first, or null; looks at no more than `most` tiles. */
  async find(leaf, most, progress) {
    const tiles = Math.ceil(this.size / WIDTH);
    for (let done = 0; done < Math.min(tiles, most); done += 1) {
      const number = tiles - 1 - done;
      progress(Math.min(done * WIDTH, this.size), this.size);
      const [hashes] = await this.#tile(0, number);
      const at = hashes.findLastIndex((hash) => equal(hash, leaf));
      if (at >= 0) return number * WIDTH + at;
      this.#tiles.delete(`0/${number}`);
    }
    return null;
  }

  /** The bytes of one entry as the log serves them. Throws `bundle` or `missing`. */
  async entry(index) {
    const number = Math.floor(index / WIDTH);
    const width = Math.min(WIDTH, this.size - number * WIDTH);
    const { data, path } = await this.#either("entries", number, width);
    return decodeBundle(data, width, path)[index % WIDTH];
  }

  async #climb(level, index) {
    const path = [];
    for (let last = Math.floor((this.size - 1) / 2 ** level); last; last = half(last)) {
      const sibling = index % 2 ? index - 1 : index + 1;
      if (sibling <= last) path.push(await this.#node(level, sibling));
      [level, index] = [level + 1, half(index)];
    }
    return path;
  }

  /** The hash over leaves [index * 2^level, (index + 1) * 2^level), cut off at the size. */
  async #node(level, index) {
    if ((index + 1) * 2 ** level <= this.size) return this.#whole(level, index);
    const left = await this.#node(level - 1, 2 * index);
    if ((2 * index + 1) * 2 ** (level - 1) >= this.size) return left;
    return nodeHash(left, await this.#node(level - 1, 2 * index + 1));
  }

  async #whole(level, index) {
    const inner = level % 8;
    const perTile = WIDTH / 2 ** inner;
    const tile = await this.#tile((level - inner) / 8, Math.floor(index / perTile));
    return tile[inner][index % perTile];
  }

  /** The tree levels inside one tile, its hashes first. */
  #tile(level, number) {
    const key = `${level}/${number}`;
    if (!this.#tiles.has(key)) this.#tiles.set(key, this.#load(level, number));
    return this.#tiles.get(key);
  }

  async #load(level, number) {
    const width = Math.min(WIDTH, Math.floor(this.size / WIDTH ** level) - number * WIDTH);
    const { data, path } = await this.#either(level, number, width);
    if (data.length < width * HASH_SIZE || data.length % HASH_SIZE) fail("tile", { path });
    const hashes = Array.from({ length: width }, (_, at) => data.slice(at * 32, at * 32 + 32));
    const levels = [hashes];
    while (levels.at(-1).length > 1) levels.push(await parents(levels.at(-1)));
    if (width === WIDTH) {
      // A full tile is one hash of the tile above it; the unfinished ones make the root.
      const above = await this.#tile(level + 1, Math.floor(number / WIDTH));
      if (!equal(levels[8][0], above[0][number % WIDTH])) fail("tile", { path });
    }
    return levels;
  }

  /** A partial resource or, where it has gone, the full one that replaces it. */
  async #either(kind, number, width) {
    for (const path of new Set([width, WIDTH].map((one) => resourcePath(kind, number, one)))) {
      const data = await this.#read(path);
      if (data) return { data, path };
    }
    return fail("missing", { path: resourcePath(kind, number, width) });
  }
}
