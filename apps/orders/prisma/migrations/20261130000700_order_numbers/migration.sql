-- Human order numbers, and what staff list orders by. Orders that were placed before get a number that follows from their id.

-- Returns a number such as K-7Q4M-2X9P: eight digits of Crockford's base 32, 40 bits of a hash of the id and the attempt.
CREATE FUNCTION order_number(id text, attempt integer) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  digits constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  hash constant bytea := sha256(convert_to('order-number:' || attempt || ':' || id, 'UTF8'));
  bits bigint := 0;
  number text := '';
BEGIN
  FOR nth IN 0..4 LOOP
    bits := (bits << 8) | get_byte(hash, nth);
  END LOOP;
  FOR nth IN 0..7 LOOP
    number := substr(digits, 1 + (bits & 31)::integer, 1) || CASE nth WHEN 4 THEN '-' ELSE '' END || number;
    bits := bits >> 5;
  END LOOP;
  RETURN 'K-' || number;
END
$$;

ALTER TABLE orders ADD COLUMN number text;
CREATE UNIQUE INDEX orders_number_idx ON orders (number);

-- Returns the first number of the id that no order has.
CREATE FUNCTION free_order_number(id text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  candidate text;
BEGIN
  FOR attempt IN 0..99 LOOP
    candidate := order_number(id, attempt);
    IF NOT EXISTS (SELECT FROM orders WHERE orders.number = candidate) THEN
      RETURN candidate;
    END IF;
  END LOOP;
  RAISE EXCEPTION 'Order % finds no free number.', id;
END
$$;

-- What staff search: written with the order, never changed.
CREATE TABLE order_search (
  order_id  text        PRIMARY KEY,
  placed_at timestamptz NOT NULL,
  skus      text[]      NOT NULL,
  words     tsvector    NOT NULL
);

CREATE FUNCTION order_skus(placement jsonb) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(line ->> 'sku'), '{}') FROM jsonb_array_elements(placement -> 'lines') line
$$;

-- Returns the words of recipient, address and lines: in lower case, without accents, split at whatever is no letter or digit.
CREATE FUNCTION order_words(placement jsonb) RETURNS tsvector
LANGUAGE sql STABLE AS $$
  SELECT array_to_tsvector(coalesce(array_agg(DISTINCT left(word, 100)), '{}'))
  FROM (
    SELECT concat_ws(' ', a ->> 'recipient', a ->> 'line1', a ->> 'line2', a ->> 'city', a ->> 'postalCode', a ->> 'region', (
      SELECT string_agg(concat_ws(' ', line ->> 'sku', line ->> 'title'), ' ') FROM jsonb_array_elements(placement -> 'lines') line
    )) AS content
    FROM (SELECT placement -> 'address' AS a) address
  ) texts, regexp_split_to_table(regexp_replace(lower(normalize(content, NFKD)), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+') word
  WHERE word <> ''
$$;

-- For pods of the version before, which write neither. To be dropped a release later.
CREATE FUNCTION complete_order() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.number := free_order_number(NEW.id);
  INSERT INTO order_search (order_id, placed_at, skus, words)
  VALUES (NEW.id, NEW.placed_at, order_skus(NEW.placement), order_words(NEW.placement)) ON CONFLICT DO NOTHING;
  RETURN NEW;
END
$$;
CREATE TRIGGER orders_complete BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.number IS NULL) EXECUTE FUNCTION complete_order();
