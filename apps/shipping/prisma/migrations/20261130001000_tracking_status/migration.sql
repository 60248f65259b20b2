-- The statuses of a shipment, which every version has written. NOT VALID: nothing scans the table under its lock.
ALTER TABLE tracking_events ADD CONSTRAINT tracking_events_status_check
  CHECK (status IN ('pending', 'booked', 'picked_up', 'in_transit', 'delivered', 'cancelled')) NOT VALID;
