-- SKUs by what is available, for the list of low stock. An index on skus.available would make each reservation write it; this table is
-- written when a change is announced, which puts many changes of a SKU together. It may lag behind by that time.
CREATE TABLE stock_ranking (
  sku       text   PRIMARY KEY,
  available bigint NOT NULL
);
INSERT INTO stock_ranking SELECT sku, available FROM skus;
CREATE INDEX stock_ranking_available_idx ON stock_ranking (available, sku);

CREATE FUNCTION rank_stock() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stock_ranking (sku, available) VALUES (NEW.sku, NEW.available)
  ON CONFLICT (sku) DO UPDATE SET available = excluded.available WHERE stock_ranking.available <> excluded.available;
  RETURN NULL;
END
$$;
CREATE TRIGGER skus_ranked AFTER UPDATE ON skus FOR EACH ROW WHEN (NEW.announced AND NOT OLD.announced) EXECUTE FUNCTION rank_stock();
