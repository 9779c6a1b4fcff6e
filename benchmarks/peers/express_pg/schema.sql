CREATE TABLE vote (
  id bigserial PRIMARY KEY,
  cause text NOT NULL,
  account text NOT NULL,
  choice text NOT NULL
);
CREATE TABLE seat (
  cause text NOT NULL,
  account text NOT NULL,
  seq integer NOT NULL,
  choice text NOT NULL,
  previous text,
  PRIMARY KEY (cause, account)
);
CREATE TABLE line (
  id bigserial PRIMARY KEY,
  cause text NOT NULL,
  account text NOT NULL,
  seq integer NOT NULL,
  text text NOT NULL,
  hash bytea NOT NULL,
  UNIQUE (cause, account, seq)
);
CREATE TABLE tally (
  cause text NOT NULL,
  choice text NOT NULL,
  slot integer NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (cause, choice, slot)
);
