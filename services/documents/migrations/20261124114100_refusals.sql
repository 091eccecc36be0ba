-- migrate:up

-- Which review refused this file: kept when the file is taken out of view, gone only with the refusal itself.
ALTER TABLE file ADD COLUMN refused_by uuid;
UPDATE file SET refused_by = (
    SELECT review_id FROM review r
    WHERE r.candidate_id = file.candidate_id AND r.piece = file.piece AND r.act = 'refused'
    ORDER BY r.at DESC LIMIT 1)
WHERE state = 'refused';

-- migrate:down
