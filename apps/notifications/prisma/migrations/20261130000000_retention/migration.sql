-- For the retention of notifications.
CREATE INDEX notifications_created_at_idx ON notifications USING brin (created_at) WITH (autosummarize = on);
