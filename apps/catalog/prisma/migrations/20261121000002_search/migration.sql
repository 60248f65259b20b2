-- The read model of search. Fed by events only; its rows outlive their product's visibility to remember the version.
CREATE TABLE "search_products" (
  "product_id" TEXT NOT NULL,
  "version" BIGINT NOT NULL,
  "visible" BOOLEAN NOT NULL,
  "title" TEXT NOT NULL,
  "document" TSVECTOR NOT NULL,
  "category_id" TEXT NOT NULL,
  "category_path" TEXT[] NOT NULL,
  "currency" TEXT NOT NULL,
  "prices" BIGINT[] NOT NULL,
  "price_from" BIGINT NOT NULL,
  "in_stock" BOOLEAN NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  CONSTRAINT "search_products_pkey" PRIMARY KEY ("product_id")
);
CREATE INDEX "search_products_document_idx" ON "search_products" USING gin ("document") WHERE "visible";

-- Stock may be heard of before the product it belongs to.
CREATE TABLE "search_stock" (
  "sku" TEXT NOT NULL,
  "product_id" TEXT,
  "available" BIGINT NOT NULL DEFAULT 0,
  "version" BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT "search_stock_pkey" PRIMARY KEY ("sku")
);
CREATE INDEX "search_stock_product_id_idx" ON "search_stock" ("product_id");
