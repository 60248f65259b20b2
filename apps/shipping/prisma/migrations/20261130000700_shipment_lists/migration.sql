-- What staff list shipments by.
CREATE INDEX shipments_created_idx ON shipments (created_at DESC, id DESC);
CREATE INDEX shipments_status_idx ON shipments (status, created_at DESC, id DESC);
CREATE INDEX shipments_of_user_idx ON shipments (user_id, created_at DESC, id DESC);
CREATE INDEX shipments_tracking_number_idx ON shipments (tracking_number);
