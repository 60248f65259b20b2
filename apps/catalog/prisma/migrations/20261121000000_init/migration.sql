-- Typo tolerance. A trusted extension: the owner of the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Categories never move, so the way from the top down to each is kept beside it.
CREATE TABLE "categories" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "parent_id" TEXT,
  "path" TEXT[] NOT NULL,
  CONSTRAINT "categories_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "categories_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "categories" ("id"),
  CONSTRAINT "categories_path_check" CHECK ("path"[cardinality("path")] = "id")
);
CREATE INDEX "categories_path_idx" ON "categories" USING gin ("path");

CREATE TABLE "products" (
  "id" TEXT NOT NULL,
  "title" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "category_id" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "options" TEXT[] NOT NULL,
  "media_urls" TEXT[] NOT NULL,
  "currency" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  "updated_at" TIMESTAMPTZ(6) NOT NULL,
  "content_hash" BYTEA NOT NULL,
  CONSTRAINT "products_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "products_category_id_fkey" FOREIGN KEY ("category_id") REFERENCES "categories" ("id"),
  CONSTRAINT "products_status_check" CHECK ("status" IN ('draft', 'published', 'archived')),
  CONSTRAINT "products_currency_check" CHECK ("currency" ~ '^[A-Z]{3}$'),
  CONSTRAINT "products_version_check" CHECK ("version" >= 1)
);
CREATE INDEX "products_category_id_idx" ON "products" ("category_id", "id");

CREATE TABLE "variants" (
  "sku" TEXT NOT NULL,
  "product_id" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "title" TEXT NOT NULL,
  "option_values" JSONB NOT NULL,
  "price" BIGINT NOT NULL,
  "weight_grams" INTEGER NOT NULL,
  CONSTRAINT "variants_pkey" PRIMARY KEY ("sku"),
  CONSTRAINT "variants_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products" ("id"),
  CONSTRAINT "variants_price_check" CHECK ("price" >= 0),
  CONSTRAINT "variants_weight_grams_check" CHECK ("weight_grams" >= 0)
);
CREATE UNIQUE INDEX "variants_product_id_position_key" ON "variants" ("product_id", "position");
