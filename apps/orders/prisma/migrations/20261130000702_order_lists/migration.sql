-- What staff list orders by. Only changes of the stage write these indexes: other changes of an order stay heap-only.
CREATE INDEX orders_placed_idx ON orders (placed_at DESC, id DESC);
CREATE INDEX orders_stage_idx ON orders (stage, placed_at DESC, id DESC);
CREATE INDEX orders_cancelling_idx ON orders (placed_at DESC, id DESC) WHERE cancelling;
CREATE INDEX order_search_skus_idx ON order_search USING gin (skus);
CREATE INDEX order_search_words_idx ON order_search USING gin (words);
