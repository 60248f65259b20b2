-- Units of a sold reservation that a refund put back into stock. Appended only; each refund once.
CREATE TABLE returned_items (
  reference   text        NOT NULL,
  order_id    text        NOT NULL,
  sku         text        NOT NULL,
  location_id text        NOT NULL,
  quantity    bigint      NOT NULL CHECK (quantity > 0),
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (reference, sku, location_id),
  FOREIGN KEY (order_id, sku, location_id) REFERENCES reservation_items
);
CREATE INDEX returned_items_of_order_idx ON returned_items (order_id);
CREATE INDEX returned_items_of_sku_idx ON returned_items (sku);

-- What a reservation still has of its units: those that a refund put back are gone.
CREATE FUNCTION units_left(p_item reservation_items) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT p_item.quantity - coalesce(sum(quantity), 0)::bigint FROM returned_items
  WHERE order_id = p_item.order_id AND sku = p_item.sku AND location_id = p_item.location_id
$$;

-- Puts units of a sold reservation back to where they came from: as many as are left at most, each reference once. Returns how
-- many units that were. Without a sold reservation it returns 0: a cancelled order has given back everything.
CREATE FUNCTION return_items(
  p_order text, p_reference text, p_skus text[], p_quantities bigint[], p_actor_kind text, p_actor_id text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  current reservations;
  item record;
  total bigint := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_order, 0));
  SELECT * INTO current FROM reservations WHERE order_id = p_order FOR NO KEY UPDATE;
  IF current.status IS DISTINCT FROM 'committed'
    OR EXISTS (SELECT FROM returned_items WHERE reference = p_reference) THEN
    RETURN 0;
  END IF;
  PERFORM FROM skus WHERE sku = ANY (p_skus) ORDER BY sku FOR NO KEY UPDATE;
  PERFORM FROM stock_levels WHERE sku = ANY (p_skus) ORDER BY sku, location_id FOR NO KEY UPDATE;

  FOR item IN
    WITH wanted AS (
      SELECT * FROM unnest(p_skus, p_quantities) AS w (sku, quantity)
    ), open AS (
      SELECT i.sku, i.location_id, units_left(i) AS units FROM reservation_items i
      WHERE i.order_id = p_order AND i.sku = ANY (p_skus)
    ), placed AS (
      SELECT sku, location_id, units,
        sum(units) OVER (PARTITION BY sku ORDER BY location_id ROWS UNBOUNDED PRECEDING) - units AS before
      FROM open
    )
    SELECT sku, location_id, least(units, wanted.quantity - before)::bigint AS quantity
    FROM placed JOIN wanted USING (sku) WHERE units > 0 AND before < wanted.quantity ORDER BY sku, location_id
  LOOP
    INSERT INTO returned_items (reference, order_id, sku, location_id, quantity)
    VALUES (p_reference, p_order, item.sku, item.location_id, item.quantity);
    UPDATE skus SET available = available + item.quantity, version = version + 1, announced = false WHERE sku = item.sku;
    UPDATE stock_levels SET available = available + item.quantity
    WHERE sku = item.sku AND location_id = item.location_id;
    INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference, actor_kind, actor_id)
    VALUES (item.sku, item.location_id, 'return', item.quantity, 0, p_order, p_actor_kind, p_actor_id);
    total := total + item.quantity;
  END LOOP;
  RETURN total;
END $$;

-- As before, but for the units that a refund has put back.
CREATE OR REPLACE FUNCTION settle_reservations(p_orders text[], p_status text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- What becomes of one unit.
  regained CONSTANT bigint := CASE p_status WHEN 'committed' THEN 0 ELSE 1 END;
  freed CONSTANT bigint := CASE p_status WHEN 'returned' THEN 0 ELSE 1 END;
  kind CONSTANT text := CASE p_status WHEN 'committed' THEN 'sale' WHEN 'returned' THEN 'return' ELSE 'release' END;
  actor CONSTANT text := CASE p_status WHEN 'expired' THEN 'inventory' ELSE 'orders' END;
  item record;
BEGIN
  UPDATE reservations SET status = p_status, announced = p_status <> 'expired', updated_at = clock_timestamp()
  WHERE order_id = ANY (p_orders);

  FOR item IN
    SELECT i.order_id, i.sku, i.location_id, CASE p_status WHEN 'returned' THEN units_left(i) ELSE i.quantity END AS quantity
    FROM reservation_items i WHERE i.order_id = ANY (p_orders) ORDER BY i.sku
  LOOP
    CONTINUE WHEN item.quantity = 0;
    UPDATE skus SET available = available + regained * item.quantity, held = held - freed * item.quantity,
      version = version + 1, announced = false
    WHERE sku = item.sku;
    UPDATE stock_levels SET available = available + regained * item.quantity, held = held - freed * item.quantity
    WHERE sku = item.sku AND location_id = item.location_id;
    INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference, actor_kind, actor_id)
    VALUES (item.sku, item.location_id, kind, regained * item.quantity, -freed * item.quantity, item.order_id,
      'system', actor);
  END LOOP;
END $$;

CREATE OR REPLACE VIEW stock_audit AS
SELECT s.sku, s.available, s.held, r.sold, m.booked,
  m.booked = s.available + s.held + r.sold AND r.held = s.held
    AND l.available = s.available AND l.held = s.held
    AND m.available = s.available AND m.held = s.held AS balanced
FROM skus s
CROSS JOIN LATERAL (
  SELECT coalesce(sum(available), 0) AS available, coalesce(sum(held), 0) AS held FROM stock_levels WHERE sku = s.sku
) AS l
CROSS JOIN LATERAL (
  SELECT coalesce(sum(i.quantity) FILTER (WHERE status = 'held'), 0) AS held,
    coalesce(sum(units_left(i)) FILTER (WHERE status = 'committed'), 0) AS sold
  FROM reservation_items i JOIN reservations USING (order_id) WHERE i.sku = s.sku
) AS r
CROSS JOIN LATERAL (
  SELECT coalesce(sum(available_delta), 0) AS available, coalesce(sum(held_delta), 0) AS held,
    coalesce(sum(available_delta) FILTER (WHERE kind IN ('restock', 'adjustment')), 0) AS booked
  FROM stock_movements WHERE sku = s.sku
) AS m;
