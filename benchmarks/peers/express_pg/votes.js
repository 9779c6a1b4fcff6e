import { createHash } from "node:crypto";

const INSERT = {
  name: "insert",
  text: "INSERT INTO vote (cause, account, choice) VALUES ($1, $2, $3)",
};

const KNOWN = {
  name: "known",
  text: `SELECT text, hash FROM line WHERE cause = $1 AND account = $2
    ORDER BY seq DESC LIMIT 1`,
};

const SEAT = {
  name: "seat",
  text: `INSERT INTO seat AS s (cause, account, seq, choice) VALUES ($1, $2, 0, $3)
    ON CONFLICT (cause, account) DO UPDATE
      SET seq = s.seq + 1, previous = s.choice, choice = excluded.choice
      WHERE s.choice <> excluded.choice
    RETURNING seq, previous`,
};

const LINE = {
  name: "line",
  text: "INSERT INTO line (cause, account, seq, text, hash) VALUES ($1, $2, $3, $4, $5)",
};

const TALLY = {
  name: "tally",
  text: `INSERT INTO tally AS t (cause, choice, slot, number) VALUES ($1, $2, $3, $4)
    ON CONFLICT (cause, choice, slot) DO UPDATE SET number = t.number + excluded.number`,
};

// The same in one statement: one transaction in one round trip.
const TUNED = {
  name: "tuned",
  text: `WITH changed AS (
      INSERT INTO seat AS s (cause, account, seq, choice) VALUES ($1::text, $2::text, 0, $3::text)
      ON CONFLICT (cause, account) DO UPDATE
        SET seq = s.seq + 1, previous = s.choice, choice = excluded.choice
        WHERE s.choice <> excluded.choice
      RETURNING seq, previous
    ), written AS (
      INSERT INTO line (cause, account, seq, text, hash)
      SELECT $1::text, $2::text, seq, told, sha256(convert_to(told, 'UTF8'))
      FROM (SELECT seq, concat_ws(' ', 's1 vote', $1::text, $2::text, seq, $3::text, $4::text) AS told FROM changed) AS l
      RETURNING text, hash
    ), counted AS (
      INSERT INTO tally AS t (cause, choice, slot, number)
      SELECT $1::text, choice, $5::integer, number
      FROM (SELECT $3::text AS choice, 1 AS number FROM changed
        UNION ALL SELECT previous, -1 FROM changed WHERE previous IS NOT NULL) AS d
      ORDER BY choice
      ON CONFLICT (cause, choice, slot) DO UPDATE SET number = t.number + excluded.number
    )
    SELECT text, hash FROM written`,
};

// Rows a tally is spread over, so that voters do not queue for one.
const SLOTS = 64;

function hour() {
  return `${new Date().toISOString().slice(0, 13)}Z`;
}

export async function insert(pool, cause, account, choice) {
  await pool.query({ ...INSERT, values: [cause, account, choice] });
}

export async function equal(pool, cause, account, choice) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const line = await written(client, cause, account, choice);
    await client.query("COMMIT");
    return line;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function written(client, cause, account, choice) {
  const { rows: [seat] } = await client.query({ ...SEAT, values: [cause, account, choice] });
  if (!seat) return known(client, cause, account);
  const text = `s1 vote ${cause} ${account} ${seat.seq} ${choice} ${hour()}`;
  const hash = createHash("sha256").update(text).digest();
  await client.query({ ...LINE, values: [cause, account, seat.seq, text, hash] });
  const moves = [[choice, 1], ...(seat.previous ? [[seat.previous, -1]] : [])].sort();
  for (const [moved, number] of moves)
    await client.query({ ...TALLY, values: [cause, moved, anySlot(), number] });
  return { text, hash };
}

export async function tuned(pool, cause, account, choice) {
  const values = [cause, account, choice, hour(), anySlot()];
  const { rows } = await pool.query({ ...TUNED, values });
  return rows[0] ?? (await known(pool, cause, account));
}

function anySlot() {
  return Math.floor(Math.random() * SLOTS);
}

async function known(pool, cause, account) {
  const { rows } = await pool.query({ ...KNOWN, values: [cause, account] });
  return rows[0];
}
