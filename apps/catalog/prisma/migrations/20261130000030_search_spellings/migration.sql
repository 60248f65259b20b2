-- Misspelt words are looked for among the words of the shop by their edit distance. A trusted extension.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- Rows of the version before have "indexed_version" 0. The service indexes every row again whose "indexed_version" is not its
-- "version", so rows that a pod of the version before writes during a roll are indexed again as well.
ALTER TABLE "search_products"
  ADD COLUMN "plain_title" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "title_length" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "codes" TEXT[] NOT NULL DEFAULT '{}',
  ADD COLUMN "skus" TEXT[] NOT NULL DEFAULT '{}',
  ADD COLUMN "stocked" BOOLEAN[] NOT NULL DEFAULT '{}',
  ADD COLUMN "indexed_version" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "index_format" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX "search_products_stale_idx" ON "search_products" ("product_id") WHERE "indexed_version" <> "version";

-- The words that a misspelt word may mean.
CREATE TABLE "search_words" (
  "word" TEXT NOT NULL,
  CONSTRAINT "search_words_pkey" PRIMARY KEY ("word")
);
CREATE INDEX "search_words_initial_idx" ON "search_words" ((left("word", 1)));
