// Keys of a voter, format `stimme log v1`, sections 2 to 4: no page, no network, no state.
// A device secret B (32 bytes) gives one Ed25519 key for each cause.

import { Fault, base64, bytesOf, join, readVote, sha256, unbase64 } from "./tlog.js";

export const SECRET_SIZE = 32;
const BITS = 11; // a word, as in BIP-39
const CHECKSUM_BITS = 8;
// What stands before the 32-byte seed in PKCS#8 (RFC 8410): WebCrypto imports private keys so.
const PKCS8 = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

export const base64url = (bytes) =>
  base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Base64url without padding in its one canonical spelling; null for anything else. */
export function unbase64url(text) {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = unbase64(standard.padEnd(Math.ceil(text.length / 4) * 4, "="));
  return bytes && base64url(bytes) === text ? bytes : null;
}

export const newSecret = () => crypto.getRandomValues(new Uint8Array(SECRET_SIZE));

/** HMAC-SHA256(B, "stimme/votekey/v1\n" || cid bytes). */
export async function seedOf(secret, cid) {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, hmac, false, ["sign"]);
  const message = join(bytesOf("stimme/votekey/v1\n"), unbase64url(cid));
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}

/** The voter's key in one cause: { vk, sign }. Throws where the browser lacks Ed25519. */
export async function voterKey(secret, cid) {
  const pkcs8 = join(PKCS8, await seedOf(secret, cid));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  const sign = async (bytes) => base64url(new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes)));
  return { vk: x, sign };
}

let canSign;

/** Whether this browser makes and checks Ed25519 signatures. */
export function supported() {
  canSign ??= (async () => {
    try {
      const key = await voterKey(new Uint8Array(SECRET_SIZE), base64url(new Uint8Array(16)));
      const message = bytesOf("stimme");
      return await holds(key.vk, await key.sign(message), message);
    } catch {
      return false;
    }
  })();
  return canSign;
}

async function holds(vk, sig, message) {
  const raw = unbase64url(vk);
  const signature = unbase64url(sig);
  if (!raw || !signature) return false;
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

// Lines

const signedBytes = (origin, unsigned) => bytesOf(`stimme/vote/v1\n${origin}\n${unsigned}`);

/** The line that `vote` ({ cid, seat, seq, choice, level, hour }) is, up to and including vk. */
export const unsignedVote = ({ cid, seat, seq, choice, level, hour }, vk) =>
  `s1 vote ${cid} ${seat} ${seq} ${choice} ${level} ${hour} ${vk}`;

export async function signVote(vote, key, origin) {
  const unsigned = unsignedVote(vote, key.vk);
  return `${unsigned} ${await key.sign(signedBytes(origin, unsigned))}`;
}

/** Whether a vote line bears the right signature of the key that it names. */
export async function isSigned(line, origin) {
  const vote = readVote(line);
  if (!vote || vote.vk === "-" || vote.sig === "-") return false;
  return holds(vote.vk, vote.sig, signedBytes(origin, line.slice(0, line.lastIndexOf(" "))));
}

/** The hour as lines write it, `2027-03-01T14Z`, that is `offset` hours away from now. */
export const hourNow = (offset = 0) =>
  `${new Date(Date.now() + offset * 3_600_000).toISOString().slice(0, 13)}Z`;

// Words: BIP-39, so that each mistyped word is found, and nearly every wrong one

const bitsOf = (bytes) => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

const checksum = async (secret) => bitsOf(await sha256(secret)).slice(0, CHECKSUM_BITS);

/** The 24 words of a secret. `list` are the 2048 of BIP-39. */
export async function toWords(secret, list) {
  const bits = bitsOf(secret) + (await checksum(secret));
  return bits.match(/.{11}/g).map((eleven) => list[parseInt(eleven, 2)]);
}

/** The secret that 24 words spell. Throws `word-count`, `no-word` or `words`. */
export async function fromWords(text, list) {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const wanted = (SECRET_SIZE * 8 + CHECKSUM_BITS) / BITS;
  if (words.length !== wanted) throw new Fault("word-count", { number: words.length });
  const unknown = words.find((word) => !list.includes(word));
  if (unknown) throw new Fault("no-word", { word: unknown });
  const bits = words.map((word) => list.indexOf(word).toString(2).padStart(BITS, "0")).join("");
  const secret = Uint8Array.from(bits.slice(0, SECRET_SIZE * 8).match(/.{8}/g), (eight) => parseInt(eight, 2));
  if ((await checksum(secret)) !== bits.slice(SECRET_SIZE * 8)) throw new Fault("words");
  return secret;
}
