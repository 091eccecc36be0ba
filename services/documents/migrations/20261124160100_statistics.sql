-- migrate:up

-- The planner's statistics keep values of columns, until the next ANALYZE at least: past an erasure. None are taken
-- of what tells of a person; these columns are searched within one candidate's rows.
ALTER TABLE file
    ALTER COLUMN name SET STATISTICS 0,
    ALTER COLUMN sha256 SET STATISTICS 0,
    ALTER COLUMN parts SET STATISTICS 0;
ALTER TABLE review ALTER COLUMN reason SET STATISTICS 0;
SELECT pg_clear_attribute_stats('public', relation, attribute, false)
FROM (VALUES ('file', 'name'), ('file', 'sha256'), ('file', 'parts'), ('review', 'reason'))
     AS told (relation, attribute);

-- migrate:down
