-- What the uses of an order are counted by: its promotions and coupons, for all and for each key of its customer.
CREATE FUNCTION use_keys(p_promotions text[], p_coupons text[], p_customers text[])
RETURNS TABLE (subject text, customer text) LANGUAGE sql IMMUTABLE AS $$
  SELECT named.subject, keys.customer
  FROM (
    SELECT 'promotion/' || id AS subject FROM unnest(p_promotions) AS id
    UNION SELECT 'coupon/' || folded FROM unnest(p_coupons) AS folded WHERE folded <> ''
  ) AS named
  CROSS JOIN (SELECT DISTINCT customer FROM unnest(array_prepend('', p_customers)) AS customer) AS keys
$$;

-- Returns the first count of these that is at its limit, as the rules and coupons have it now.
CREATE FUNCTION reached_limit(p_promotions text[], p_coupons text[], p_customers text[])
RETURNS TABLE (subject text, customer text, use_limit integer) LANGUAGE sql STABLE AS $$
  SELECT counted.subject, counted.customer, counted.use_limit
  FROM (
    SELECT k.subject, k.customer, CASE WHEN k.customer = ''
      THEN coalesce((r.body ->> 'maxUses')::integer, c.max_uses, 0)
      ELSE coalesce((r.body ->> 'maxUsesPerCustomer')::integer, c.max_uses_per_customer, 0) END AS use_limit
    FROM use_keys(p_promotions, p_coupons, p_customers) AS k
    LEFT JOIN rules r ON r.kind = 'promotion' AND r.id = substr(k.subject, 11) AND k.subject LIKE 'promotion/%'
    LEFT JOIN coupons c ON c.folded = substr(k.subject, 8) AND k.subject LIKE 'coupon/%'
  ) AS counted
  JOIN use_counts AS used ON used.subject = counted.subject AND used.customer = counted.customer
  WHERE counted.use_limit > 0 AND used.uses >= counted.use_limit
  ORDER BY counted.subject DESC, counted.customer LIMIT 1
$$;

-- Takes and gives back uses of orders in one transaction, so that a promotion in demand is locked once for many orders. All locks are taken
-- up front and in order: of orders by name (they may have no row yet), then of counts. A hold takes all its uses or none. Its outcome is
-- `held`, `kept` (it was held before), `closed`, `differs`, or `limit` with the count that is at its limit. That of a release is
-- `released` or `none`. Returns one row per change, in their order, with what the order uses.
CREATE FUNCTION apply_use_changes(p_changes jsonb)
RETURNS TABLE (outcome text, subject text, customer text, use_limit integer, promotions text[], coupons text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  change record;
  current order_uses;
BEGIN
  PERFORM pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('uses:' || (value ->> 'order'), 0) AS key FROM jsonb_array_elements(p_changes)
    ORDER BY key
  ) AS named;

  INSERT INTO use_counts (subject, customer, uses)
  SELECT DISTINCT k.subject, k.customer, 0
  FROM jsonb_to_recordset(p_changes) AS c (act text, promotions text[], coupons text[], customers text[])
  CROSS JOIN use_keys(c.promotions, c.coupons, c.customers) AS k
  WHERE c.act = 'hold' ORDER BY 1, 2
  ON CONFLICT DO NOTHING;

  PERFORM FROM use_counts AS counted WHERE (counted.subject, counted.customer) IN (
    SELECT k.subject, k.customer
    FROM jsonb_to_recordset(p_changes) AS c (act text, promotions text[], coupons text[], customers text[])
    CROSS JOIN use_keys(c.promotions, c.coupons, c.customers) AS k
    WHERE c.act = 'hold'
    UNION
    SELECT k.subject, k.customer FROM order_uses AS o
    CROSS JOIN use_keys(o.promotion_ids, o.coupons, o.customers) AS k
    WHERE o.order_id IN (SELECT value ->> 'order' FROM jsonb_array_elements(p_changes)) AND o.status = 'held'
  ) ORDER BY counted.subject, counted.customer FOR NO KEY UPDATE;

  FOR change IN
    SELECT * FROM jsonb_to_recordset(p_changes)
    AS c ("order" text, act text, promotions text[], coupons text[], customers text[])
  LOOP
    subject := NULL;
    customer := NULL;
    use_limit := NULL;
    promotions := change.promotions;
    coupons := change.coupons;
    SELECT * INTO current FROM order_uses WHERE order_id = change.order;
    IF change.act = 'hold' THEN
      IF current.status = 'released' THEN
        outcome := 'closed';
      ELSIF current.status = 'held' THEN
        outcome := CASE WHEN current.promotion_ids = change.promotions AND current.coupons = change.coupons
          THEN 'kept' ELSE 'differs' END;
      ELSE
        SELECT r.subject, r.customer, r.use_limit INTO subject, customer, use_limit
        FROM reached_limit(change.promotions, change.coupons, change.customers) AS r;
        IF FOUND THEN
          outcome := 'limit';
        ELSE
          outcome := 'held';
          UPDATE use_counts AS counted SET uses = counted.uses + 1
          FROM use_keys(change.promotions, change.coupons, change.customers) AS k
          WHERE counted.subject = k.subject AND counted.customer = k.customer;
          INSERT INTO order_uses (order_id, status, promotion_ids, coupons, customers, changed_at)
          VALUES (change.order, 'held', change.promotions, change.coupons, change.customers, clock_timestamp());
        END IF;
      END IF;
    ELSIF current.status = 'held' THEN
      outcome := 'released';
      promotions := current.promotion_ids;
      coupons := current.coupons;
      UPDATE use_counts AS counted SET uses = counted.uses - 1
      FROM use_keys(current.promotion_ids, current.coupons, current.customers) AS k
      WHERE counted.subject = k.subject AND counted.customer = k.customer;
      UPDATE order_uses SET status = 'released', changed_at = clock_timestamp() WHERE order_id = change.order;
    ELSE
      outcome := 'none';
      INSERT INTO order_uses (order_id, status, promotion_ids, coupons, customers, changed_at)
      VALUES (change.order, 'released', '{}', '{}', '{}', clock_timestamp()) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;
