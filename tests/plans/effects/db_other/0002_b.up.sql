ALTER TABLE orders ADD COLUMN b text;
