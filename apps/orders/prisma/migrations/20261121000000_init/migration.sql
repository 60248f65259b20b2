-- The read model of orders: a projection of the events, rebuilt from them at will.
CREATE TABLE orders (
  id              text        PRIMARY KEY,
  user_id         text        NOT NULL,
  placement       jsonb       NOT NULL,
  stage           text        NOT NULL CHECK (stage IN ('placed', 'confirmed', 'shipped', 'completed', 'rejected', 'cancelled')),
  cancelling      boolean     NOT NULL DEFAULT false,
  reason          text        NOT NULL DEFAULT '',
  reason_detail   text        NOT NULL DEFAULT '',
  action_url      text        NOT NULL DEFAULT '',
  tracking_number text        NOT NULL DEFAULT '',
  version         bigint      NOT NULL,
  placed_at       timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX orders_of_user_idx ON orders (user_id, placed_at DESC, id DESC);

-- One row per accepted order, written by the transaction that accepts it.
CREATE TABLE idempotency_keys (
  user_id      text        NOT NULL,
  key          text        NOT NULL,
  request_hash bytea       NOT NULL,
  order_id     text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
