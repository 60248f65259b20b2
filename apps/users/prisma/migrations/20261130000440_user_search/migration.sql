-- What staff search accounts by: the name and the mail address without accents and in lower case. The service computes it, also for
-- older accounts. Pods of the version before insert NULL, and change names without it.
ALTER TABLE "users" ADD COLUMN "search_text" TEXT;
CREATE INDEX "users_without_search_text_idx" ON "users" ("id") WHERE "search_text" IS NULL;

-- A name that changes without the text comes from a pod of the version before: the text begins with the name. To be dropped a release later.
CREATE FUNCTION clear_search_text() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_text := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER users_clear_search_text BEFORE UPDATE OF display_name ON "users" FOR EACH ROW
  WHEN (NEW.display_name IS DISTINCT FROM OLD.display_name AND NEW.search_text IS NOT DISTINCT FROM OLD.search_text)
  EXECUTE FUNCTION clear_search_text();
