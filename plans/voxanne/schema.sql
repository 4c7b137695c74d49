-- What the runbook counts, before the release.
CREATE TABLE schema_migrations (version text PRIMARY KEY, name text);
CREATE TABLE organizations (id uuid PRIMARY KEY);
CREATE TABLE profiles (id uuid PRIMARY KEY);
CREATE TABLE agents (id uuid PRIMARY KEY);
CREATE TABLE appointments (id uuid PRIMARY KEY);
CREATE TABLE contacts (id uuid PRIMARY KEY, phone text);
CREATE TABLE call_logs (id uuid PRIMARY KEY, recording text);
INSERT INTO organizations VALUES ('00000000-0000-0000-0000-000000000001');
INSERT INTO contacts VALUES ('00000000-0000-0000-0000-000000000002', '+1');
