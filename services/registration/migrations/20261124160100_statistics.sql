-- migrate:up

-- The planner's statistics keep values of columns, until the next ANALYZE at least: past an erasure. None are taken
-- of what tells of a person; these columns are not searched.
ALTER TABLE registration_version
    ALTER COLUMN form SET STATISTICS 0,
    ALTER COLUMN reasons SET STATISTICS 0,
    ALTER COLUMN checklist SET STATISTICS 0;
ALTER TABLE draft ALTER COLUMN content SET STATISTICS 0;
ALTER TABLE journal ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE candidature ALTER COLUMN officer_reason SET STATISTICS 0;
SELECT pg_clear_attribute_stats('public', relation, attribute, false)
FROM (VALUES ('registration_version', 'form'), ('registration_version', 'reasons'),
             ('registration_version', 'checklist'), ('draft', 'content'), ('journal', 'reason'),
             ('candidature', 'officer_reason')) AS told (relation, attribute);

-- migrate:down
