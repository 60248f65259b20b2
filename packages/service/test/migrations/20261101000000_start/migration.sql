CREATE TABLE stock (sku text PRIMARY KEY, available bigint NOT NULL);
