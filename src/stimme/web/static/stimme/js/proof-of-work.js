// A proof of work (ALTCHA, version 2) while many sign in from one network: begins when the page
// opens, and holds the form back until it is done. Without this file one waits for a turn.
// The browser derives keys beside the page's own thread, so the page stays quick without a worker.

const AT_ONCE = 4

function toBytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function toHex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("")
}

async function derive({ nonce, salt, cost, keyLength }, counter) {
  const prefix = toBytes(nonce)
  const password = new Uint8Array(prefix.length + 4)
  password.set(prefix)
  new DataView(password.buffer).setUint32(prefix.length, counter)
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"])
  const rule = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(salt), iterations: cost }
  return toHex(await crypto.subtle.deriveBits(rule, key, keyLength * 8))
}

async function solve(challenge) {
  const { keyPrefix } = challenge.parameters
  for (let first = 0; ; first += AT_ONCE) {
    const counters = Array.from({ length: AT_ONCE }, (_, offset) => first + offset)
    const keys = await Promise.all(counters.map((counter) => derive(challenge.parameters, counter)))
    const found = keys.findIndex((key) => key.startsWith(keyPrefix))
    if (found >= 0) {
      const solution = { counter: first + found, derivedKey: keys[found] }
      return btoa(JSON.stringify({ challenge, solution }))
    }
  }
}

function show(form, name, shown) {
  for (const part of form.querySelectorAll(`[data-work-${name}]`)) part.hidden = !shown
}

function begin(form) {
  const work = solve(JSON.parse(form.dataset.challenge))
  show(form, "missing", false)
  work.catch(() => show(form, "missing", true))
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "wait" || form.elements.work.value) return
    event.preventDefault()
    show(form, "running", true)
    form.elements.work.value = await work.catch(() => "")
    show(form, "running", false)
    if (form.elements.work.value) form.submit()
  })
}

const form = document.querySelector("form[data-challenge]")
// Only https and this very machine have it.
if (form && globalThis.crypto?.subtle) begin(form)
