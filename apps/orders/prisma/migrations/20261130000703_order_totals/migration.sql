-- What staff sort orders by: their total, within each currency. Of a placement nothing changes, so only changes of the stage write the
-- index, as they write the others.
CREATE INDEX orders_total_idx ON orders ((placement -> 'total' ->> 'currency'), ((placement -> 'total' ->> 'minor')::bigint), id);
