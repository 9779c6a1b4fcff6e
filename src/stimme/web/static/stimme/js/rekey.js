// “I lost my key”: gives the vote the key of this browser. Without this file it can be released.

import * as memory from "./memory.js";
import { newSecret, supported, voterKey } from "./voter-key.js";

const form = document.querySelector("form[data-rekey]");

async function useOwnKey() {
  const { account, cid } = form.dataset;
  const secret = await memory.addSecret(account, newSecret());
  form.elements.vk.value = (await voterKey(secret, cid)).vk;
  form.submit();
}

// Whatever is chosen, what this browser signed for the seat before no longer binds it.
async function leave(go) {
  await memory.forgetReceipts(form.dataset.account, form.dataset.cid);
  await go();
}

if (form && (await supported()) && (await memory.usable())) {
  const button = form.querySelector("[data-new-key]");
  button.hidden = false;
  button.addEventListener("click", () => leave(useOwnKey));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(() => form.submit());
  });
}
