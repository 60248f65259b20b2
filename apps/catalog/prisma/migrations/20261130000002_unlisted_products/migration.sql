-- Products that can be ordered by their id but are in no list.
ALTER TABLE "products" DROP CONSTRAINT "products_status_check";
ALTER TABLE "products"
  ADD CONSTRAINT "products_status_check" CHECK ("status" IN ('draft', 'published', 'unlisted', 'archived')) NOT VALID;
ALTER TABLE "products" VALIDATE CONSTRAINT "products_status_check";
