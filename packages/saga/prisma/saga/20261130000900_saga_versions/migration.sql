-- The version of the definition that a saga began with. Pods of the release before begin sagas of version 1.
ALTER TABLE sagas ADD COLUMN definition_version integer NOT NULL DEFAULT 1;

-- Index of the step from which the saga cannot be aborted, so that pods without the definition decide alike. NULL in rows of the release
-- before, which are of version 1.
ALTER TABLE sagas ADD COLUMN pivot integer;
