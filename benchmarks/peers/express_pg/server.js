// A vote view on express and pg, in three kinds: see README.md.
import { createHmac, generateKeyPairSync, sign, timingSafeEqual } from "node:crypto";
import express from "express";
import pg from "pg";
import { equal, insert, tuned } from "./votes.js";

const { DATABASE_HOST, PEER_SECRET, PORT, POOL } = process.env;

const pool = new pg.Pool({
  host: DATABASE_HOST, user: "postgres", database: "bench", max: Number(POOL),
});
const { privateKey } = generateKeyPairSync("ed25519");
const app = express();
app.disable("x-powered-by");
app.set("etag", false);
app.use(express.json());

app.post("/causes/:cause/insert", async (request, response) => {
  const vote = voteOf(request, response);
  if (!vote) return;
  await insert(pool, ...vote);
  response.json({ choice: vote[2] });
});

for (const [kind, write] of Object.entries({ equal, tuned })) {
  app.post(`/causes/:cause/${kind}`, async (request, response) => {
    const vote = voteOf(request, response);
    if (!vote) return;
    const { text, hash } = await write(pool, ...vote);
    const signature = sign(null, hash, privateKey).toString("base64");
    response.json({ line: text, signature });
  });
}

function voteOf(request, response) {
  const account = accountOf(request.headers.cookie ?? "");
  const { choice } = request.body;
  if (!account) response.sendStatus(403);
  else if (choice !== "for" && choice !== "against") response.sendStatus(400);
  else return [request.params.cause, account, choice];
  return null;
}

// The cookie is "session=<account>.<HMAC>": checked without a look-up, as a ballot paper is.
function accountOf(cookie) {
  const [account, given] = cookie.replace("session=", "").split(".");
  if (!given) return null;
  const made = createHmac("sha256", PEER_SECRET).update(account).digest();
  const told = Buffer.from(given, "hex");
  return told.length === made.length && timingSafeEqual(told, made) ? account : null;
}

app.listen(Number(PORT), "127.0.0.1", 4096);
