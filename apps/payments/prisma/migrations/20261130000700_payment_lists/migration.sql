-- What staff list payments by.
CREATE INDEX payments_created_idx ON payments (created_at DESC, id DESC);
CREATE INDEX payments_status_idx ON payments (status, created_at DESC, id DESC);
CREATE INDEX payments_of_user_idx ON payments (user_id, created_at DESC, id DESC);
CREATE INDEX payments_currency_idx ON payments (currency, created_at DESC, id DESC);
