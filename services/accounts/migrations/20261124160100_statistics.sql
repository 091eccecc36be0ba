-- migrate:up

-- The planner's statistics keep values of columns, until the next ANALYZE at least: past an erasure. None are taken
-- of what tells of a person; these columns are found by unique indexes or not searched at all.
ALTER TABLE account
    ALTER COLUMN email SET STATISTICS 0,
    ALTER COLUMN email_key SET STATISTICS 0,
    ALTER COLUMN password_hash SET STATISTICS 0;
ALTER TABLE activation_password ALTER COLUMN password_hash SET STATISTICS 0;
ALTER TABLE farewell ALTER COLUMN email SET STATISTICS 0;
SELECT pg_clear_attribute_stats('public', relation, attribute, false)
FROM (VALUES ('account', 'email'), ('account', 'email_key'), ('account', 'password_hash'),
             ('activation_password', 'password_hash'), ('farewell', 'email')) AS told (relation, attribute);

-- migrate:down
