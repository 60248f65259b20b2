-- What all spellings of a mail address share. The service computes it, at its start also for older accounts. An account keeps
-- NULL if another one has its address, or if its address is none by today's rules; it logs in with the spelling it was
-- registered with. Pods of the version before insert NULL.
ALTER TABLE "users" ADD COLUMN "email_key" TEXT;
CREATE UNIQUE INDEX "users_email_key_key" ON "users" ("email_key");
CREATE INDEX "users_without_email_key_idx" ON "users" ("id") WHERE "email_key" IS NULL;
