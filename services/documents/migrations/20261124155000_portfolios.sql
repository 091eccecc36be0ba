-- migrate:up

-- Whose officer handles the speciality of this version: the worklist is filtered by it. Null: nobody's, or heard
-- before it was told.
ALTER TABLE version ADD COLUMN portfolio integer;

-- The files that wait for an officer's look, oldest first.
CREATE INDEX file_flagged ON file (arrived_at, file_id) WHERE state = 'received' AND flags <> '{}';

-- migrate:down
