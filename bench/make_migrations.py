#!/usr/bin/env python3
"""Writes a chain of honest migrations: make_migrations.py FOLDER PAIRS. Deterministic; 10 statements a pair."""
import os
import sys

UP_DOWN = {
    "create": (
        """CREATE TABLE account_{n} (id bigserial PRIMARY KEY, email text NOT NULL, name varchar(80), created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE invoice_{n} (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES account_{n} (id) ON DELETE CASCADE, total numeric(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0));
CREATE INDEX invoice_{n}_account ON invoice_{n} (account_id);
CREATE UNIQUE INDEX account_{n}_email ON account_{n} (lower(email));
COMMENT ON TABLE account_{n} IS 'who pays';
INSERT INTO account_{n} (email, name) VALUES ('root@example.org', 'Root');
""",
        """DROP INDEX account_{n}_email;
DROP INDEX invoice_{n}_account;
DROP TABLE invoice_{n};
DROP TABLE account_{n};
"""),
    "columns": (
        """ALTER TABLE account_{p} ADD COLUMN locale text NOT NULL DEFAULT 'en', ADD COLUMN seen_at timestamptz;
ALTER TABLE account_{p} ADD CONSTRAINT account_{p}_locale_len CHECK (length(locale) < 9);
UPDATE account_{p} SET seen_at = created_at WHERE seen_at IS NULL;
CREATE INDEX account_{p}_seen ON account_{p} (seen_at DESC) WHERE seen_at IS NOT NULL;
ALTER TABLE invoice_{p} ALTER COLUMN total SET DEFAULT 1;
""",
        """ALTER TABLE invoice_{p} ALTER COLUMN total SET DEFAULT 0;
DROP INDEX account_{p}_seen;
ALTER TABLE account_{p} DROP CONSTRAINT account_{p}_locale_len;
ALTER TABLE account_{p} DROP COLUMN seen_at;
ALTER TABLE account_{p} DROP COLUMN locale;
"""),
    "types": (
        """CREATE TYPE state_{n} AS ENUM ('open', 'paid', 'void');
ALTER TABLE invoice_{p} ADD COLUMN state state_{n} NOT NULL DEFAULT 'open';
CREATE VIEW open_invoice_{n} AS SELECT i.id, i.total, a.name FROM invoice_{p} i JOIN account_{p} a ON a.id = i.account_id WHERE i.state = 'open';
CREATE INDEX invoice_{p}_state ON invoice_{p} (state, id);
ALTER TABLE account_{p} RENAME COLUMN name TO full_name;
""",
        """ALTER TABLE account_{p} RENAME COLUMN full_name TO name;
DROP INDEX invoice_{p}_state;
DROP VIEW open_invoice_{n};
ALTER TABLE invoice_{p} DROP COLUMN state;
DROP TYPE state_{n};
"""),
    "code": (
        """CREATE FUNCTION touch_{n}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.created_at := now(); RETURN NEW; END $$;
CREATE TRIGGER touch_{n} BEFORE UPDATE ON account_{p} FOR EACH ROW EXECUTE FUNCTION touch_{n}();
ALTER TABLE account_{p} ALTER COLUMN email TYPE varchar(320);
CREATE TABLE audit_{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL DEFAULT '{{}}');
ALTER TABLE audit_{n} ADD CONSTRAINT audit_{n}_object CHECK (jsonb_typeof(payload) = 'object');
""",
        """ALTER TABLE audit_{n} DROP CONSTRAINT audit_{n}_object;
DROP TABLE audit_{n};
ALTER TABLE account_{p} ALTER COLUMN email TYPE text;
DROP TRIGGER touch_{n} ON account_{p};
DROP FUNCTION touch_{n}();
"""),
}
KINDS = ["create", "columns", "types", "code"]


def main():
    folder, pairs = sys.argv[1], int(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    for n in range(pairs):
        kind = KINDS[n % len(KINDS)]
        previous = n - n % len(KINDS)
        for direction, text in zip(("up", "down"), UP_DOWN[kind]):
            with open(os.path.join(folder, "%06d_%s.%s.sql" % (n + 1, kind, direction)), "w") as file:
                file.write(text.format(n=n, p=previous))


if __name__ == "__main__":
    main()
