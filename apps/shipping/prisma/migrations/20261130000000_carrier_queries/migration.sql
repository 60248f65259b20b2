-- Times that protobuf cannot represent made every read of a shipment fail. They came from the carrier's messages.
UPDATE tracking_events SET at = received_at WHERE at < '0001-01-01T00:00:00Z' OR at >= '10000-01-01T00:00:00Z';

-- check_at: when to query the carrier about a shipment whose messages may be lost; null once the shipment has ended.
-- unanswered_since, forgotten_since: since when the carrier does not answer, or answers that it knows no such shipment.
ALTER TABLE shipments
  ADD COLUMN check_at timestamptz DEFAULT now() + interval '1 minute',
  ADD COLUMN unanswered_since timestamptz,
  ADD COLUMN forgotten_since timestamptz;
UPDATE shipments SET check_at = NULL WHERE status IN ('delivered', 'cancelled');

CREATE INDEX shipments_check_at_idx ON shipments (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX shipments_open_idx ON shipments (status, updated_at) WHERE status NOT IN ('delivered', 'cancelled');
CREATE INDEX shipments_trouble_idx ON shipments (order_id)
  WHERE unanswered_since IS NOT NULL OR forgotten_since IS NOT NULL;

-- For the retention of tracking events.
CREATE INDEX tracking_events_received_at_idx ON tracking_events USING brin (received_at) WITH (autosummarize = on);
