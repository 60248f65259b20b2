-- The version of the shape that the event is stored in. Pods of the release before store shapes of version 1.
ALTER TABLE events ADD COLUMN schema_version integer NOT NULL DEFAULT 1;
