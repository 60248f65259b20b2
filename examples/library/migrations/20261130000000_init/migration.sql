CREATE TABLE loans (
  id     uuid PRIMARY KEY,
  isbn   text NOT NULL UNIQUE,
  reader text NOT NULL
);

CREATE TABLE demand (
  isbn  text PRIMARY KEY,
  loans integer NOT NULL
);
