-- Numbers the orders that have none, oldest first, and makes them searchable. Readers and new orders do not wait for it; a change of an
-- old order does, for some seconds per million orders.
DO $$
DECLARE
  old record;
BEGIN
  FOR old IN SELECT id FROM orders WHERE number IS NULL ORDER BY placed_at, id LOOP
    UPDATE orders SET number = free_order_number(old.id) WHERE id = old.id;
  END LOOP;
END
$$;

INSERT INTO order_search (order_id, placed_at, skus, words)
SELECT id, placed_at, order_skus(placement), order_words(placement) FROM orders
ON CONFLICT DO NOTHING;
