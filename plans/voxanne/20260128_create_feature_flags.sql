-- The release whose rollback the runbook describes: feature flags and what keeps track of them.
CREATE TABLE feature_flags (
  flag_key text PRIMARY KEY,
  enabled_globally boolean NOT NULL DEFAULT false,
  rollout_percentage integer NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE org_feature_flags (
  org_id uuid NOT NULL,
  flag_key text NOT NULL REFERENCES feature_flags (flag_key),
  enabled boolean NOT NULL,
  PRIMARY KEY (org_id, flag_key)
);
CREATE TABLE feature_flag_audit_log (
  id bigserial PRIMARY KEY,
  flag_key text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION is_feature_enabled(org uuid, flag text) RETURNS boolean LANGUAGE sql AS
  'SELECT coalesce((SELECT enabled FROM org_feature_flags o WHERE o.org_id = org AND o.flag_key = flag),
                   (SELECT enabled_globally FROM feature_flags f WHERE f.flag_key = flag), false)';
CREATE FUNCTION get_org_enabled_features(org uuid) RETURNS SETOF text LANGUAGE sql AS
  'SELECT flag_key FROM org_feature_flags WHERE org_id = org AND enabled';
CREATE FUNCTION update_feature_flag(flag text, enabled boolean, rollout integer) RETURNS void LANGUAGE sql AS
  'UPDATE feature_flags SET enabled_globally = enabled, rollout_percentage = rollout WHERE flag_key = flag';
CREATE FUNCTION log_feature_flag_change() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO feature_flag_audit_log (flag_key) VALUES (NEW.flag_key); RETURN NEW; END';
CREATE TRIGGER feature_flag_change AFTER UPDATE ON feature_flags FOR EACH ROW EXECUTE FUNCTION log_feature_flag_change();
INSERT INTO schema_migrations (version, name) VALUES ('20260128_create_feature_flags', 'create_feature_flags');
