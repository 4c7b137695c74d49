-- What the runbook counts, before the release.
CREATE TABLE schema_migrations (version text PRIMARY KEY, name text);
CREATE TABLE organizations (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE profiles (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE agents (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE appointments (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE contacts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), phone text);
CREATE TABLE call_logs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), recording text);
INSERT INTO organizations VALUES ('00000000-0000-0000-0000-000000000001');
INSERT INTO contacts (phone) VALUES ('+1');
