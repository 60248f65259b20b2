-- Changes of stock that never make one SKU wait for another, and movements that name who caused them.
-- The functions of before stay for pods of the version before: change_reservations, expire_reservations, book_stock of six arguments.

-- Who caused a movement: NULL before it was recorded.
ALTER TABLE stock_movements
  ADD COLUMN actor_kind text CHECK (actor_kind IN ('staff', 'system')),
  ADD COLUMN actor_id   text;

-- Sets stock aside for an order, or returns the reservation it has. Fails with the constraint "enough_stock".
CREATE OR REPLACE FUNCTION reserve_stock(p_order text, p_skus text[], p_quantities bigint[], p_ttl interval)
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
      INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference, actor_kind, actor_id)
      SELECT item.sku, location_id, 'reservation', -quantity, quantity, p_order, 'system', 'orders' FROM taken
    )
    UPDATE stock_levels l SET available = l.available - taken.quantity, held = l.held + taken.quantity
    FROM taken WHERE l.sku = item.sku AND l.location_id = taken.location_id;
  END LOOP;

  RETURN (SELECT r FROM reservation_overview r WHERE order_id = p_order);
END $$;

-- Moves reservations, and with them their units, to another state. The caller holds the locks of their rows.
CREATE OR REPLACE FUNCTION settle_reservations(p_orders text[], p_status text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- What becomes of one unit.
  regained CONSTANT bigint := CASE p_status WHEN 'committed' THEN 0 ELSE 1 END;
  freed CONSTANT bigint := CASE p_status WHEN 'returned' THEN 0 ELSE 1 END;
  kind CONSTANT text := CASE p_status WHEN 'committed' THEN 'sale' WHEN 'returned' THEN 'return' ELSE 'release' END;
  actor CONSTANT text := CASE p_status WHEN 'expired' THEN 'inventory' ELSE 'orders' END;
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
    INSERT INTO stock_movements (sku, location_id, kind, available_delta, held_delta, reference, actor_kind, actor_id)
    VALUES (item.sku, item.location_id, kind, regained * item.quantity, -freed * item.quantity, item.order_id,
      'system', actor);
  END LOOP;
END $$;

-- Gives back the units of a held reservation whose time is over. Returns the reservation after it; nothing if there is none.
CREATE FUNCTION expire_reservation(p_order text) RETURNS reservation_overview LANGUAGE plpgsql AS $$
DECLARE
  current reservations;
BEGIN
  SELECT * INTO current FROM reservations WHERE order_id = p_order FOR NO KEY UPDATE;
  IF current.status = 'held' AND current.expires_at <= clock_timestamp() THEN
    PERFORM settle_reservations(ARRAY[p_order], 'expired');
  END IF;
  RETURN (SELECT r FROM reservation_overview r WHERE order_id = p_order);
END $$;

-- Applies changes of reservations in one transaction, so that a SKU in demand is locked once for many orders. All locks are
-- taken up front: of orders by name (they may have no row yet), then of reservations, SKUs and levels, each in order.
-- Without p_waits it waits for none of them: a change that needs a locked one has no effect, and `blocked_by` names the key,
-- `order:<id>` or `sku:<sku>`. With p_waits it waits at most p_lock_ms for each. What is out of stock fails alone: its
-- `shortage` says why. Returns one row per change, in their order.
CREATE FUNCTION apply_reservation_changes(p_changes jsonb, p_ttl interval, p_waits boolean, p_lock_ms integer)
RETURNS TABLE (reservation reservation_overview, shortage jsonb, blocked_by text) LANGUAGE plpgsql AS $$
DECLARE
  change record;
  orders text[];
  needed text[];
  locked text[];
  busy_orders text[] := '{}';
  busy_skus text[] := '{}';
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  SELECT array_agg(DISTINCT value ->> 'order') INTO orders FROM jsonb_array_elements(p_changes);

  IF p_waits THEN
    PERFORM pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest(orders) AS name ORDER BY key
    ) AS named;
    PERFORM FROM reservations WHERE order_id = ANY (orders) ORDER BY order_id FOR NO KEY UPDATE;
  ELSE
    SELECT coalesce(array_agg(name), '{}') INTO busy_orders FROM unnest(orders) AS name
    WHERE NOT pg_try_advisory_xact_lock(hashtextextended(name, 0));
    SELECT coalesce(array_agg(order_id), '{}') INTO locked FROM (
      SELECT order_id FROM reservations WHERE order_id = ANY (orders) ORDER BY order_id FOR NO KEY UPDATE SKIP LOCKED
    ) AS free;
    busy_orders := busy_orders || ARRAY(
      SELECT order_id FROM reservations WHERE order_id = ANY (orders) AND order_id <> ALL (locked)
    );
  END IF;

  needed := ARRAY(
    SELECT jsonb_array_elements_text(value -> 'skus') FROM jsonb_array_elements(p_changes)
    WHERE value ->> 'order' <> ALL (busy_orders)
    UNION SELECT sku FROM reservation_items WHERE order_id = ANY (orders) AND order_id <> ALL (busy_orders)
  );
  IF p_waits THEN
    PERFORM FROM skus WHERE sku = ANY (needed) ORDER BY sku FOR NO KEY UPDATE;
    PERFORM FROM stock_levels WHERE sku = ANY (needed) ORDER BY sku, location_id FOR NO KEY UPDATE;
  ELSE
    SELECT coalesce(array_agg(sku), '{}') INTO locked FROM (
      SELECT sku FROM skus WHERE sku = ANY (needed) ORDER BY sku FOR NO KEY UPDATE SKIP LOCKED
    ) AS free;
    busy_skus := ARRAY(SELECT sku FROM skus WHERE sku = ANY (needed) AND sku <> ALL (locked));
    SELECT coalesce(array_agg(level), '{}') INTO locked FROM (
      SELECT sku || ' ' || location_id AS level FROM stock_levels WHERE sku = ANY (needed)
      ORDER BY sku, location_id FOR NO KEY UPDATE SKIP LOCKED
    ) AS free;
    busy_skus := busy_skus || ARRAY(
      SELECT sku FROM stock_levels WHERE sku = ANY (needed) AND sku || ' ' || location_id <> ALL (locked)
    );
  END IF;

  FOR change IN
    SELECT * FROM jsonb_to_recordset(p_changes) AS c ("order" text, act text, skus text[], quantities bigint[])
  LOOP
    reservation := NULL;
    shortage := NULL;
    blocked_by := NULL;
    IF change.order = ANY (busy_orders) THEN
      blocked_by := 'order:' || change.order;
    ELSIF cardinality(busy_skus) > 0 THEN
      SELECT 'sku:' || min(sku) INTO blocked_by FROM (
        SELECT unnest(change.skus) AS sku UNION SELECT i.sku FROM reservation_items i WHERE order_id = change.order
      ) AS own WHERE sku = ANY (busy_skus);
    END IF;
    IF blocked_by IS NULL THEN
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
        WHEN 'expire' THEN reservation := expire_reservation(change.order);
      END CASE;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- Waits at most p_lock_ms until the key of a blocked change, `order:<id>` or `sku:<sku>`, is free, holding no other lock meanwhile.
CREATE FUNCTION await_stock_key(p_key text, p_lock_ms integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  id CONSTANT text := substr(p_key, strpos(p_key, ':') + 1);
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
  IF p_key LIKE 'order:%' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(id, 0));
    PERFORM FROM reservations WHERE order_id = id FOR NO KEY UPDATE;
  ELSE
    PERFORM FROM skus WHERE sku = id FOR NO KEY UPDATE;
    PERFORM FROM stock_levels WHERE sku = id ORDER BY location_id FOR NO KEY UPDATE;
  END IF;
END $$;

-- Books units that came, went or were miscounted, and waits at most p_lock_ms for each lock. Returns the movement of this
-- reference, which may be an older one, or nothing for an adjustment of an unknown SKU. Constraints refuse unknown locations
-- and levels below 0.
CREATE FUNCTION book_stock(
  p_kind text, p_sku text, p_location text, p_delta bigint, p_reason text, p_reference text, p_actor text, p_lock_ms integer
) RETURNS SETOF stock_movements LANGUAGE plpgsql AS $$
DECLARE
  recorded stock_movements;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_ms::text, true);
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
    INSERT INTO stock_movements
      (sku, location_id, kind, available_delta, held_delta, reason, reference, actor_kind, actor_id)
    VALUES (p_sku, p_location, p_kind, p_delta, 0, p_reason, p_reference, 'staff', p_actor)
    RETURNING *;
END $$;
