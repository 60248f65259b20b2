CREATE TABLE locations (
  id         text        PRIMARY KEY,
  name       text        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What the shop has of a SKU. Whoever changes stock locks this row first, several in the order of their SKUs: it is what
-- refuses to sell a unit twice, and it guards the levels below.
CREATE TABLE skus (
  sku       text    PRIMARY KEY,
  available bigint  NOT NULL DEFAULT 0 CHECK (available >= 0),
  held      bigint  NOT NULL DEFAULT 0 CHECK (held >= 0),
  version   bigint  NOT NULL DEFAULT 0,
  -- Whether StockChanged has been published for this version.
  announced boolean NOT NULL DEFAULT true
) WITH (fillfactor = 50);
CREATE INDEX skus_unannounced_idx ON skus (sku) WHERE NOT announced;

-- Where the units of a SKU are. Changed only under the lock of its row in skus.
CREATE TABLE stock_levels (
  sku         text   NOT NULL REFERENCES skus,
  location_id text   NOT NULL REFERENCES locations,
  available   bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
  held        bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  PRIMARY KEY (sku, location_id)
) WITH (fillfactor = 50);

-- One per order. A released one that never held anything is a mark that refuses a late reservation.
CREATE TABLE reservations (
  order_id   text        PRIMARY KEY,
  status     text        NOT NULL CHECK (status IN ('held', 'committed', 'released', 'expired', 'returned')),
  expires_at timestamptz,
  -- Whether ReservationExpired has been published, where it must be.
  announced  boolean     NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (expires_at IS NOT NULL OR status = 'released')
) WITH (fillfactor = 70);
CREATE INDEX reservations_held_idx ON reservations (expires_at) WHERE status = 'held';
CREATE INDEX reservations_unannounced_idx ON reservations (order_id) WHERE NOT announced;

-- Which units a reservation took from where. Never changed.
CREATE TABLE reservation_items (
  order_id    text   NOT NULL REFERENCES reservations,
  sku         text   NOT NULL,
  location_id text   NOT NULL,
  quantity    bigint NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, sku, location_id),
  FOREIGN KEY (sku, location_id) REFERENCES stock_levels
);

-- Every change of stock, kept forever.
CREATE TABLE stock_movements (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku             text        NOT NULL,
  location_id     text        NOT NULL,
  kind            text        NOT NULL CHECK (kind IN ('restock', 'adjustment', 'reservation', 'release', 'sale', 'return')),
  available_delta bigint      NOT NULL,
  held_delta      bigint      NOT NULL,
  reason          text        NOT NULL DEFAULT '',
  reference       text        NOT NULL,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (sku, location_id) REFERENCES stock_levels
);
CREATE INDEX stock_movements_of_sku_idx ON stock_movements (sku, id DESC);
CREATE UNIQUE INDEX stock_movements_reference_key ON stock_movements (reference) WHERE kind IN ('restock', 'adjustment');

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER stock_movements_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A reservation as the world sees it: it is over at the instant it expires, even before the sweeper comes by.
CREATE VIEW reservation_overview AS
SELECT r.order_id, r.expires_at, i.skus, i.quantities,
  CASE WHEN r.status = 'held' AND r.expires_at <= clock_timestamp() THEN 'expired' ELSE r.status END AS status
FROM reservations r, LATERAL (
  SELECT coalesce(array_agg(sku ORDER BY sku), '{}') AS skus, coalesce(array_agg(quantity ORDER BY sku), '{}') AS quantities
  FROM (
    SELECT sku, sum(quantity)::bigint AS quantity FROM reservation_items WHERE order_id = r.order_id GROUP BY sku
  ) AS per_sku
) AS i;

-- The books of each SKU next to each other. `balanced` is false where units were lost or invented.
CREATE VIEW stock_audit AS
SELECT s.sku, s.available, s.held, r.sold, m.booked,
  m.booked = s.available + s.held + r.sold AND r.held = s.held
    AND l.available = s.available AND l.held = s.held
    AND m.available = s.available AND m.held = s.held AS balanced
FROM skus s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(available), 0) AS available, coalesce(sum(held), 0) AS held FROM stock_levels WHERE sku = s.sku
) AS l
CROSS JOIN LATERAL (
  SELECT coalesce(sum(quantity) FILTER (WHERE status = 'held'), 0) AS held,
    coalesce(sum(quantity) FILTER (WHERE status = 'committed'), 0) AS sold
  FROM reservation_items JOIN reservations USING (order_id) WHERE sku = s.sku
) AS r
CROSS JOIN LATERAL (
  SELECT coalesce(sum(available_delta), 0) AS available, coalesce(sum(held_delta), 0) AS held,
    coalesce(sum(available_delta) FILTER (WHERE kind IN ('restock', 'adjustment')), 0) AS booked
  FROM stock_movements WHERE sku = s.sku
) AS m;
