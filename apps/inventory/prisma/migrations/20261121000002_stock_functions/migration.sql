-- The write paths, one call each: nothing stays locked for a round trip. All lock orders first, then rows of skus in order,
-- so none waits for another in a circle.

-- Sets stock aside for an order, or answers the reservation it has. Fails with the constraint "enough_stock".
CREATE FUNCTION reserve_stock(p_order text, p_skus text[], p_quantities bigint[], p_ttl interval)
RETURNS reservation_overview LANGUAGE plpgsql AS $$
DECLARE
  item record;
BEGIN
  INSERT INTO reservations (order_id, status, expires_at) VALUES (p_order, 'held', clock_timestamp() + p_ttl)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (SELECT r FROM reservation_overview r WHERE order_id = p_order);
  END IF;

  FOR item IN SELECT * FROM unnest(p_skus, p_quantities) AS wanted (sku, quantity) ORDER BY sku LOOP
    UPDATE skus SET available = available - item.quantity, held = held + item.quantity,
      version = version + 1, announced = false
    WHERE sku = item.sku AND available >= item.quantity;
    IF NOT FOUND THEN
      RAISE check_violation USING MESSAGE = 'out of stock', CONSTRAINT = 'enough_stock', DETAIL = jsonb_build_object(
        'sku', item.sku, 'wanted', item.quantity,
        'available', coalesce((SELECT available FROM skus WHERE sku = item.sku), 0));
    END IF;

    -- The location with most gives first.
    WITH offers AS (
      SELECT location_id, available,
        sum(available) OVER (ORDER BY available DESC, location_id ROWS UNBOUNDED PRECEDING) - available AS before
      FROM stock_levels WHERE sku = item.sku AND available > 0
    ), taken AS (
      INSERT INTO reservation_items (order_id, sku, location_id, quantity)
      SELECT p_order, item.sku, location_id, least(available, item.quantity - before)
      FROM offers WHERE before < item.quantity
      RETURNING location_id, quantity
    ), moved AS (
      INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference)
      SELECT item.sku, location_id, 'reservation', -quantity, quantity, p_order FROM taken
    )
    UPDATE stock_levels l SET available = l.available - taken.quantity, held = l.held + taken.quantity
    FROM taken WHERE l.sku = item.sku AND l.location_id = taken.location_id;
  END LOOP;

  RETURN (SELECT r FROM reservation_overview r WHERE order_id = p_order);
END $$;

-- Moves reservations, and with them their units, to another state. The caller holds the locks of their rows.
CREATE FUNCTION settle_reservations(p_orders text[], p_status text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- What becomes of one unit.
  regained CONSTANT bigint := CASE p_status WHEN 'committed' THEN 0 ELSE 1 END;
  freed CONSTANT bigint := CASE p_status WHEN 'returned' THEN 0 ELSE 1 END;
  kind CONSTANT text := CASE p_status WHEN 'committed' THEN 'sale' WHEN 'returned' THEN 'return' ELSE 'release' END;
  item reservation_items;
BEGIN
  UPDATE reservations SET status = p_status, announced = p_status <> 'expired', updated_at = clock_timestamp()
  WHERE order_id = ANY (p_orders);

  FOR item IN SELECT * FROM reservation_items WHERE order_id = ANY (p_orders) ORDER BY sku LOOP
    UPDATE skus SET available = available + regained * item.quantity, held = held - freed * item.quantity,
      version = version + 1, announced = false
    WHERE sku = item.sku;
    UPDATE stock_levels SET available = available + regained * item.quantity, held = held - freed * item.quantity
    WHERE sku = item.sku AND location_id = item.location_id;
    INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference)
    VALUES (item.sku, item.location_id, kind, regained * item.quantity, -freed * item.quantity, item.order_id);
  END LOOP;
END $$;

-- Sells what is held and has not expired. Answers the reservation after it; nothing if there is none.
CREATE FUNCTION commit_reservation(p_order text) RETURNS reservation_overview LANGUAGE plpgsql AS $$
DECLARE
  current reservations;
BEGIN
  SELECT * INTO current FROM reservations WHERE order_id = p_order FOR NO KEY UPDATE;
  IF current.status = 'held' THEN
    PERFORM settle_reservations(
      ARRAY[p_order], CASE WHEN current.expires_at > clock_timestamp() THEN 'committed' ELSE 'expired' END);
  END IF;
  RETURN (SELECT r FROM reservation_overview r WHERE order_id = p_order);
END $$;

-- Gives back what is held, and what was sold if asked to; leaves a mark where there is no reservation.
CREATE FUNCTION undo_reservation(p_order text, p_sold_too boolean)
RETURNS reservation_overview LANGUAGE plpgsql AS $$
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
  RETURN (SELECT r FROM reservation_overview r WHERE order_id = p_order);
END $$;

-- Makes several such changes in one transaction, so that a SKU in demand is locked once for many orders. All locks are taken
-- up front, in order. What is out of stock fails alone: its `shortage` says why. Answers in the order of the changes.
CREATE FUNCTION change_reservations(p_changes jsonb, p_ttl interval)
RETURNS TABLE (reservation reservation_overview, shortage jsonb) LANGUAGE plpgsql AS $$
DECLARE
  change record;
  orders text[];
BEGIN
  -- Orders that have no row yet are locked by name.
  PERFORM pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(value ->> 'order', 0) AS key FROM jsonb_array_elements(p_changes) ORDER BY key
  ) AS named;
  IF jsonb_array_length(p_changes) > 1 THEN
    SELECT array_agg(value ->> 'order') INTO orders FROM jsonb_array_elements(p_changes);
    PERFORM FROM reservations WHERE order_id = ANY (orders) ORDER BY order_id FOR NO KEY UPDATE;
    PERFORM FROM skus WHERE sku = ANY (ARRAY(
      SELECT jsonb_array_elements_text(value -> 'skus') FROM jsonb_array_elements(p_changes)
      UNION SELECT sku FROM reservation_items WHERE order_id = ANY (orders)
    )) ORDER BY sku FOR NO KEY UPDATE;
  END IF;

  FOR change IN
    SELECT * FROM jsonb_to_recordset(p_changes) AS c ("order" text, act text, skus text[], quantities bigint[])
  LOOP
    reservation := NULL;
    shortage := NULL;
    CASE change.act
      WHEN 'reserve' THEN
        BEGIN
          reservation := reserve_stock(change.order, change.skus, change.quantities, p_ttl);
        EXCEPTION WHEN check_violation THEN
          -- Other constraints have another kind of detail: casting it fails, as it should.
          GET STACKED DIAGNOSTICS shortage = PG_EXCEPTION_DETAIL;
        END;
      WHEN 'commit' THEN reservation := commit_reservation(change.order);
      WHEN 'release' THEN reservation := undo_reservation(change.order, false);
      WHEN 'return' THEN reservation := undo_reservation(change.order, true);
    END CASE;
    RETURN NEXT;
  END LOOP;
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
