-- Archived variants and categories. Pods of the version before treat them as if they were not.
ALTER TABLE "variants" ADD COLUMN "archived" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "categories" ADD COLUMN "archived" BOOLEAN NOT NULL DEFAULT false;

-- Moving a variant renumbers others in one statement, so places are compared at its end. The name stays.
DROP INDEX "variants_product_id_position_key";
ALTER TABLE "variants"
  ADD CONSTRAINT "variants_product_id_position_key" UNIQUE ("product_id", "position") DEFERRABLE INITIALLY IMMEDIATE;

-- The staff's list by last change.
CREATE INDEX "products_updated_at_idx" ON "products" ("updated_at", "id");
