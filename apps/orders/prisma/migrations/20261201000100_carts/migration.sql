-- Carts, and the links that open an order of a guest.
CREATE TABLE carts (
  id          text        PRIMARY KEY,
  user_id     text,
  version     bigint      NOT NULL,
  currency    text        NOT NULL,
  content     jsonb       NOT NULL,
  order_id    text,
  merged_into text,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  CHECK (order_id IS NULL OR merged_into IS NULL)
) WITH (fillfactor = 70);

-- A user has one open cart.
CREATE UNIQUE INDEX carts_open_of_user_idx ON carts (user_id) WHERE order_id IS NULL AND merged_into IS NULL;
CREATE UNIQUE INDEX carts_order_idx ON carts (order_id);
CREATE INDEX carts_updated_at_idx ON carts USING brin (updated_at) WITH (autosummarize = on);

CREATE TABLE order_links (
  token_hash bytea       PRIMARY KEY,
  order_id   text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_links_order_idx ON order_links (order_id);
CREATE INDEX order_links_created_at_idx ON order_links USING brin (created_at) WITH (autosummarize = on);
