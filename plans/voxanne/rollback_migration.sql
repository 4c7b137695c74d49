-- Database method 3 of the runbook (003:208): tables first, functions after them, the record last.
DROP TABLE IF EXISTS feature_flag_audit_log CASCADE;
DROP TABLE IF EXISTS org_feature_flags CASCADE;
DROP TABLE IF EXISTS feature_flags CASCADE;
DROP FUNCTION IF EXISTS is_feature_enabled(uuid, text);
DROP FUNCTION IF EXISTS get_org_enabled_features(uuid);
DROP FUNCTION IF EXISTS update_feature_flag(text, boolean, integer);
DROP FUNCTION IF EXISTS log_feature_flag_change();
DELETE FROM schema_migrations WHERE version = '20260128_create_feature_flags';
