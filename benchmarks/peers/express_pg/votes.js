const INSERT = {
  name: "insert",
  text: "INSERT INTO vote (cause, account, choice) VALUES ($1, $2, $3)",
};

const KNOWN = {
  name: "known",
  text: `SELECT text, hash FROM line WHERE cause = $1 AND account = $2
    ORDER BY seq DESC LIMIT 1`,
};

// One statement is one transaction and one round trip.
const EQUAL = {
  name: "equal",
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
  const slot = Math.floor(Math.random() * SLOTS);
  const { rows } = await pool.query({ ...EQUAL, values: [cause, account, choice, hour(), slot] });
  return rows[0] ?? (await known(pool, cause, account));
}

async function known(pool, cause, account) {
  const { rows } = await pool.query({ ...KNOWN, values: [cause, account] });
  return rows[0];
}
