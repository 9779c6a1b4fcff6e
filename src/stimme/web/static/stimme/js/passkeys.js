// Passkeys: fills the hidden field of a form with what the browser's authenticator answers.
// Without this file the buttons stay hidden, and codes by e-mail do the same work.

const BINARY = ["rawId", "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]

function toText(buffer) {
  const bytes = String.fromCharCode(...new Uint8Array(buffer))
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

function toBytes(text) {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))
}

function withBytes(credentials = []) {
  return credentials.map((credential) => ({ ...credential, id: toBytes(credential.id) }))
}

function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json)
  }
  const user = { ...json.user, id: toBytes(json.user.id) }
  const excludeCredentials = withBytes(json.excludeCredentials)
  return { ...json, challenge: toBytes(json.challenge), user, excludeCredentials }
}

function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json)
  }
  const allowCredentials = withBytes(json.allowCredentials)
  return { ...json, challenge: toBytes(json.challenge), allowCredentials }
}

function toJSON(credential) {
  if (credential.toJSON) return credential.toJSON()
  const { id, rawId, type, authenticatorAttachment } = credential
  const response = {}
  for (const name of BINARY) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  const clientExtensionResults = credential.getClientExtensionResults()
  return { id, rawId: toText(rawId), type, authenticatorAttachment, clientExtensionResults, response }
}

async function create(form) {
  const { publicKey } = JSON.parse(document.getElementById(form.dataset.options).textContent)
  return navigator.credentials.create({ publicKey: creationOptions(publicKey) })
}

async function get(form) {
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } })
  const { request_options } = await answer.json()
  return navigator.credentials.get({ publicKey: requestOptions(request_options.publicKey) })
}

function explain(form, error) {
  const reason = { SecurityError: "address", InvalidStateError: "known" }[error.name] ?? "cancelled"
  for (const text of form.querySelectorAll("[data-for]")) text.hidden = text.dataset.for !== reason
  form.querySelector("[data-passkey-error]").hidden = false
}

async function submit(form, button) {
  button.disabled = true
  form.querySelector("[data-passkey-error]").hidden = true
  try {
    const credential = await (form.dataset.passkey === "create" ? create(form) : get(form))
    form.elements.credential.value = JSON.stringify(toJSON(credential))
    form.submit()
  } catch (error) {
    explain(form, error)
    button.disabled = false
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button")
    button.hidden = false
    form.querySelector("[data-passkey-missing]").hidden = true
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      if (!button.disabled) submit(form, button)
    })
  }
}
