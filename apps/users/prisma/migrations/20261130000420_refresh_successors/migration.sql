-- What the successor of a used refresh token is derived with, together with that token, and which client used it: the same client
-- gets the same successor again for a few seconds. NULL for tokens that pods of the version before used.
ALTER TABLE "refresh_tokens" ADD COLUMN "used_by" BYTEA, ADD COLUMN "successor_salt" BYTEA;
