-- What the runbook counts (001:222), before the release.
CREATE TABLE schema_migrations (version text PRIMARY KEY);
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, is_active boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE agents (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE campaigns (id bigserial PRIMARY KEY, status text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE user_usage_tracking (id bigserial PRIMARY KEY, date date NOT NULL, total_tokens bigint NOT NULL);
CREATE TABLE user_api_keys (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), is_active boolean NOT NULL DEFAULT true);
INSERT INTO schema_migrations VALUES ('001'), ('002');
INSERT INTO users (email) VALUES ('a@example.com');
