// A vote view on express and pg. GUARANTEES=insert: one INSERT. GUARANTEES=equal: see README.md.
import cluster from "node:cluster";
import { createHmac, generateKeyPairSync, sign, timingSafeEqual } from "node:crypto";
import express from "express";
import pg from "pg";
import { cast } from "./votes.js";

const { DATABASE_HOST, GUARANTEES, PEER_SECRET, PORT, POOL, WORKERS } = process.env;

function serve() {
  const pool = new pg.Pool({
    host: DATABASE_HOST, user: "postgres", database: "bench", max: Number(POOL),
  });
  const { privateKey } = generateKeyPairSync("ed25519");
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use(express.json());
  app.post("/causes/:cause/vote", async (request, response) => {
    const account = accountOf(request.headers.cookie ?? "");
    const { choice } = request.body;
    if (!account) return response.sendStatus(403);
    if (choice !== "for" && choice !== "against") return response.sendStatus(400);
    const { text, hash } = await cast[GUARANTEES](pool, request.params.cause, account, choice);
    if (!hash) return response.json({ choice });
    const signature = sign(null, hash, privateKey).toString("base64");
    response.json({ line: text, signature });
  });
  app.listen(Number(PORT), "127.0.0.1", 4096);
}

// The cookie is "session=<account>.<HMAC>": checked without a look-up, as a ballot paper is.
function accountOf(cookie) {
  const [account, given] = cookie.replace("session=", "").split(".");
  if (!given) return null;
  const made = createHmac("sha256", PEER_SECRET).update(account).digest();
  const told = Buffer.from(given, "hex");
  return told.length === made.length && timingSafeEqual(told, made) ? account : null;
}

if (cluster.isPrimary && Number(WORKERS) > 1) {
  for (let i = 0; i < Number(WORKERS); i += 1) cluster.fork();
} else {
  serve();
}
