-- One administrator always remains: whatever takes the role from an account, or deletes the account, is refused if no other
-- has it. The lock makes the check true when several administrators are removed at once.
CREATE FUNCTION "require_admin"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('users.require_admin'));
  IF EXISTS (SELECT FROM users WHERE 'admin' = ANY (roles)) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'The last administrator cannot be removed.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'users_require_admin';
END $$;
CREATE TRIGGER "users_require_admin_update" AFTER UPDATE OF "roles" ON "users" FOR EACH ROW
  WHEN ('admin' = ANY (OLD."roles") AND NOT 'admin' = ANY (NEW."roles")) EXECUTE FUNCTION "require_admin"();
CREATE TRIGGER "users_require_admin_delete" AFTER DELETE ON "users" FOR EACH ROW
  WHEN ('admin' = ANY (OLD."roles")) EXECUTE FUNCTION "require_admin"();
