-- migrate:up

-- Nobody is cancelled whom nobody warned, the clocks that decide reminders being away (ours 7, decision 0006). Of rows
-- that stand already it is not known: for these a reminder that was decided counts alone, as before.
ALTER TABLE candidate ADD COLUMN reminder_due_at timestamptz;
COMMENT ON COLUMN candidate.reminder_due_at IS
    'when the first reminder of what is missing for the deadline in force is to be decided; null: none is, or nothing is missing';

-- migrate:down
