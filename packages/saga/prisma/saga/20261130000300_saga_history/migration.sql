-- Copied verbatim into a migration of each service that runs sagas, after saga-ended.sql.

-- Removes entries of the log that are older than `keep`, but not of sagas that are open or changed since, and returns how many. The role
-- that runs may not delete from the log; this function has the rights of its owner and refuses to remove what is younger than a day.
CREATE FUNCTION remove_saga_log(keep interval, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  cutoff timestamptz := now() - keep;
  removed integer;
BEGIN
  IF keep < interval '1 day' THEN
    RAISE EXCEPTION 'The log of sagas is kept for a day at least, not for %.', keep USING ERRCODE = 'invalid_parameter_value';
  END IF;
  DELETE FROM saga_log WHERE ctid = ANY (ARRAY (
    SELECT l.ctid FROM saga_log l
    WHERE l.at < cutoff AND NOT EXISTS (
      SELECT FROM sagas s WHERE s.name = l.name AND s.id = l.id
        AND (s.phase IN ('running', 'compensating', 'parked') OR s.updated_at >= cutoff))
    LIMIT most FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
