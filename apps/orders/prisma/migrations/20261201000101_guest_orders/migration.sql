-- Orders of guests by the one spelling of their mail address: a user who proves the address adopts them.
CREATE INDEX CONCURRENTLY orders_of_guest_idx ON orders ((placement ->> 'emailKey')) WHERE user_id LIKE 'guest:%';
