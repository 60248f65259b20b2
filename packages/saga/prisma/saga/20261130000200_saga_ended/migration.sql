-- Copied verbatim into a migration of each service that runs sagas, after the tables of saga.sql.

-- Sagas that ended a moment ago tell how fast the line moves; those that ended long ago are removed.
CREATE INDEX sagas_ended_idx ON sagas (updated_at) WHERE phase IN ('completed', 'compensated');
CREATE INDEX saga_log_at_idx ON saga_log USING brin (at);
