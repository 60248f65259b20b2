-- What was given back of an order so far, in minor units. A fold of its events of type refunded.
ALTER TABLE orders ADD COLUMN refunded bigint NOT NULL DEFAULT 0;
