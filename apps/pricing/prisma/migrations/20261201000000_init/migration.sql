-- The number of the last change of rules, one row. A change locks it until its transaction ends, so that changes commit in the
-- order of their numbers, and a reader that continues after a number misses none.
CREATE TABLE rule_revisions (
  id       boolean PRIMARY KEY DEFAULT true CHECK (id),
  revision bigint  NOT NULL
);
INSERT INTO rule_revisions (revision) VALUES (0);

-- A rule is the message of its contract as JSON.
CREATE TABLE rules (
  kind     text    NOT NULL CHECK (kind IN ('price-list', 'promotion', 'tax-zone', 'tax-category', 'tax-rate')),
  id       text    NOT NULL,
  body     jsonb   NOT NULL,
  version  integer NOT NULL CHECK (version > 0),
  revision bigint  NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX rules_by_revision ON rules (revision);

-- A removed price has no amount; its row says so to replicas that still have it.
CREATE TABLE list_prices (
  price_list_id text    NOT NULL,
  sku           text    NOT NULL,
  currency      text    NOT NULL,
  min_quantity  integer NOT NULL CHECK (min_quantity > 0),
  minor         bigint  CHECK (minor >= 0),
  revision      bigint  NOT NULL,
  PRIMARY KEY (price_list_id, sku, currency, min_quantity)
);
CREATE INDEX list_prices_by_revision ON list_prices (revision);

CREATE TABLE coupons (
  folded                text        PRIMARY KEY,
  code                  text        NOT NULL,
  promotion_id          text        NOT NULL,
  max_uses              integer     NOT NULL CHECK (max_uses >= 0),
  max_uses_per_customer integer     NOT NULL CHECK (max_uses_per_customer >= 0),
  valid_until           timestamptz,
  inactive              boolean     NOT NULL,
  batch                 text        NOT NULL,
  place                 integer     NOT NULL,
  created_at            timestamptz NOT NULL
);
CREATE INDEX coupons_by_promotion ON coupons (promotion_id, folded);
CREATE INDEX coupons_by_batch ON coupons (batch, place);

CREATE TABLE vat_checks (
  vat_id              text        PRIMARY KEY,
  valid               boolean     NOT NULL,
  consultation_number text,
  checked_at          timestamptz NOT NULL
);

-- The uses of an order. Released before it held any: a mark that refuses a later hold.
CREATE TABLE order_uses (
  order_id      text        PRIMARY KEY,
  status        text        NOT NULL CHECK (status IN ('held', 'released')),
  promotion_ids text[]      NOT NULL,
  coupons       text[]      NOT NULL,
  customers     text[]      NOT NULL,
  changed_at    timestamptz NOT NULL
);
CREATE INDEX order_uses_released ON order_uses (changed_at) WHERE status = 'released';

-- How many orders use a promotion (`promotion/id`) or a coupon (`coupon/folded code`); in total where customer is empty.
CREATE TABLE use_counts (
  subject  text   NOT NULL,
  customer text   NOT NULL,
  uses     bigint NOT NULL CHECK (uses >= 0),
  PRIMARY KEY (subject, customer)
);
