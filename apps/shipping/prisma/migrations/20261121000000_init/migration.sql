-- One row per order. A cancelled row without a carrier's id may be the tombstone of a dispatch that never came.
CREATE TABLE shipments (
  id              text        PRIMARY KEY,
  order_id        text        NOT NULL UNIQUE,
  user_id         text        NOT NULL DEFAULT '',
  status          text        NOT NULL CHECK (status IN ('pending', 'booked', 'picked_up', 'in_transit', 'delivered', 'cancelled')),
  method          text        NOT NULL DEFAULT '',
  address         jsonb,
  items           jsonb       NOT NULL DEFAULT '[]',
  weight_grams    integer     NOT NULL DEFAULT 0 CHECK (weight_grams >= 0),
  carrier_id      text        NOT NULL DEFAULT '',
  tracking_number text        NOT NULL DEFAULT '',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now()
);

-- What the carrier told, each of its messages once.
CREATE TABLE tracking_events (
  webhook_id  text        PRIMARY KEY,
  order_id    text        NOT NULL REFERENCES shipments (order_id),
  status      text        NOT NULL,
  location    text        NOT NULL,
  at          timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX tracking_events_of_order_idx ON tracking_events (order_id, at);
