-- The rows of every table as JSON: arrays of the texts of the columns.
SELECT format('SELECT ''rows|%s.%s|''||coalesce(json_agg(json_build_array(%s)),''[]'') FROM ONLY %I.%I',
    replace(n.nspname, '''', ''''''), replace(c.relname, '''', ''''''),
    (SELECT string_agg(format('%I::text', a.attname), ',' ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY 1
\gexec
