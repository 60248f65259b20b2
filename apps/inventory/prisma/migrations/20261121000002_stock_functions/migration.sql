-- The write paths, one call each: what is locked stays locked for no round trip. All take the row of the reservation first,
-- then rows of skus in order, so none waits for another in a circle.

-- Sets stock aside for an order, or answers the reservation it has. Fails with the constraint "enough_stock".
CREATE FUNCTION reserve_stock(p_order text, p_skus text[], p_quantities bigint[], p_ttl interval)
RETURNS SETOF reservation_overview LANGUAGE plpgsql AS $$
DECLARE
  item record;
BEGIN
  INSERT INTO reservations (order_id, status, expires_at) VALUES (p_order, 'held', clock_timestamp() + p_ttl)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN QUERY SELECT * FROM reservation_overview WHERE order_id = p_order;
    RETURN;
  END IF;

  FOR item IN SELECT * FROM unnest(p_skus, p_quantities) AS wanted (sku, quantity) ORDER BY sku LOOP
    UPDATE skus SET available = available - item.quantity, held = held + item.quantity,
      version = version + 1, announced = false
    WHERE sku = item.sku AND available >= item.quantity;
    IF NOT FOUND THEN
      RAISE check_violation USING MESSAGE = 'out of stock', CONSTRAINT = 'enough_stock', DETAIL = json_build_object(
        'sku', item.sku, 'wanted', item.quantity,
        'available', coalesce((SELECT available FROM skus WHERE sku = item.sku), 0));
    END IF;
  END LOOP;

  -- The location with most of a SKU gives first.
  WITH wanted AS (
    SELECT * FROM unnest(p_skus, p_quantities) AS wanted (sku, quantity)
  ), offers AS (
    SELECT sku, location_id, available, quantity,
      sum(available) OVER (PARTITION BY sku ORDER BY available DESC, location_id ROWS UNBOUNDED PRECEDING) AS so_far
    FROM wanted JOIN stock_levels USING (sku) WHERE available > 0
  ), taken AS (
    INSERT INTO reservation_items (order_id, sku, location_id, quantity)
    SELECT p_order, sku, location_id, least(available, quantity - (so_far - available))
    FROM offers WHERE so_far - available < quantity
    RETURNING sku, location_id, quantity
  ), moved AS (
    INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference)
    SELECT sku, location_id, 'reservation', -quantity, quantity, p_order FROM taken
  )
  UPDATE stock_levels l SET available = l.available - taken.quantity, held = l.held + taken.quantity
  FROM taken WHERE l.sku = taken.sku AND l.location_id = taken.location_id;

  RETURN QUERY SELECT * FROM reservation_overview WHERE order_id = p_order;
END $$;

-- Moves reservations, and with them their units, to another state. The caller holds the locks of their rows.
CREATE FUNCTION settle_reservations(p_orders text[], p_status text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- What becomes of one unit.
  regained CONSTANT bigint := CASE p_status WHEN 'committed' THEN 0 ELSE 1 END;
  freed CONSTANT bigint := CASE p_status WHEN 'returned' THEN 0 ELSE 1 END;
  kind CONSTANT text := CASE p_status WHEN 'committed' THEN 'sale' WHEN 'returned' THEN 'return' ELSE 'release' END;
  item record;
BEGIN
  UPDATE reservations SET status = p_status, announced = p_status <> 'expired', updated_at = clock_timestamp()
  WHERE order_id = ANY (p_orders);

  FOR item IN
    SELECT sku, sum(quantity)::bigint AS quantity FROM reservation_items
    WHERE order_id = ANY (p_orders) GROUP BY sku ORDER BY sku
  LOOP
    UPDATE skus SET available = available + regained * item.quantity, held = held - freed * item.quantity,
      version = version + 1, announced = false
    WHERE sku = item.sku;
  END LOOP;

  UPDATE stock_levels l SET available = l.available + regained * i.quantity, held = l.held - freed * i.quantity
  FROM (
    SELECT sku, location_id, sum(quantity)::bigint AS quantity FROM reservation_items
    WHERE order_id = ANY (p_orders) GROUP BY sku, location_id
  ) AS i
  WHERE l.sku = i.sku AND l.location_id = i.location_id;

  INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference)
  SELECT sku, location_id, kind, regained * quantity, -freed * quantity, order_id
  FROM reservation_items WHERE order_id = ANY (p_orders) ORDER BY order_id, sku, location_id;
END $$;

-- Sells what is held and has not expired. Answers the reservation after it; nothing if there is none.
CREATE FUNCTION commit_reservation(p_order text) RETURNS SETOF reservation_overview LANGUAGE plpgsql AS $$
DECLARE
  current reservations;
BEGIN
  SELECT * INTO current FROM reservations WHERE order_id = p_order FOR NO KEY UPDATE;
  IF current.status = 'held' THEN
    PERFORM settle_reservations(
      ARRAY[p_order], CASE WHEN current.expires_at > clock_timestamp() THEN 'committed' ELSE 'expired' END);
  END IF;
  RETURN QUERY SELECT * FROM reservation_overview WHERE order_id = p_order;
END $$;

-- Gives back what is held, and what was sold if asked to; leaves a mark where there is no reservation.
CREATE FUNCTION undo_reservation(p_order text, p_sold_too boolean)
RETURNS SETOF reservation_overview LANGUAGE plpgsql AS $$
DECLARE
  current reservations;
BEGIN
  INSERT INTO reservations (order_id, status) VALUES (p_order, 'released') ON CONFLICT DO NOTHING;
  SELECT * INTO current FROM reservations WHERE order_id = p_order FOR NO KEY UPDATE;
  IF current.status = 'held' THEN
    PERFORM settle_reservations(ARRAY[p_order], 'released');
  ELSIF current.status = 'committed' AND p_sold_too THEN
    PERFORM settle_reservations(ARRAY[p_order], 'returned');
  END IF;
  RETURN QUERY SELECT * FROM reservation_overview WHERE order_id = p_order;
END $$;

-- Expires at most so many held reservations whose time is over and answers how many it found.
CREATE FUNCTION expire_reservations(p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  overdue text[];
BEGIN
  SELECT coalesce(array_agg(order_id), '{}') INTO overdue FROM (
    SELECT order_id FROM reservations WHERE status = 'held' AND expires_at <= now()
    ORDER BY expires_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
  ) AS found;
  PERFORM settle_reservations(overdue, 'expired');
  RETURN cardinality(overdue);
END $$;

-- Books units that came, went or were miscounted. Answers the movement of this reference, which may be an older one, or
-- nothing for an adjustment of an unknown SKU. Constraints refuse unknown locations and levels below 0.
CREATE FUNCTION book_stock(
  p_kind text, p_sku text, p_location text, p_delta bigint, p_reason text, p_reference text
) RETURNS SETOF stock_movements LANGUAGE plpgsql AS $$
DECLARE
  recorded stock_movements;
BEGIN
  IF p_kind = 'restock' THEN
    INSERT INTO skus (sku) VALUES (p_sku) ON CONFLICT DO NOTHING;
  END IF;
  PERFORM FROM skus WHERE sku = p_sku FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  SELECT * INTO recorded FROM stock_movements WHERE reference = p_reference AND kind IN ('restock', 'adjustment');
  IF FOUND THEN
    RETURN NEXT recorded;
    RETURN;
  END IF;

  INSERT INTO stock_levels (sku, location_id) VALUES (p_sku, p_location) ON CONFLICT DO NOTHING;
  UPDATE stock_levels SET available = available + p_delta WHERE sku = p_sku AND location_id = p_location;
  UPDATE skus SET available = available + p_delta, version = version + 1, announced = false WHERE sku = p_sku;
  RETURN QUERY
    INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reason, reference)
    VALUES (p_sku, p_location, p_kind, p_delta, 0, p_reason, p_reference)
    RETURNING *;
END $$;
