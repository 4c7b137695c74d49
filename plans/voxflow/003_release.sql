-- Stands for the release's migration, which the runbook does not show: a column that only the new version fills.
ALTER TABLE users ADD COLUMN locale text;
UPDATE users SET locale = 'en';
ALTER TABLE users ALTER COLUMN locale SET NOT NULL;
INSERT INTO schema_migrations VALUES ('003');
