// A runbook, a script and a pair of migrations with one line after the other replaced by what
// nobody writes on purpose, each with all that is said of it:
// fixtures/hostile/{documents,shell,sql}.tsv (line, what stands there instead, what comes of it).
// BACKOUT_UPDATE=1 writes the last column anew; read the difference before you commit it.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/documents/rule.hpp"
#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "importers/document/document.hpp"
#include "importers/migrations/import.hpp"
#include "model/printable.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

const std::string kFolder = std::string(kSourceDir) + "/fixtures/hostile";

/// A hostile line and its name in the table.
struct Replacement {
  const char* name;
  std::string text;
};

std::string many(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

std::string told(const std::vector<model::Finding>& findings, const model::Sources& sources) {
  std::string text;
  for (const model::Finding& finding : findings) {
    const auto place = sources.place(finding.span);
    text += fmt::format("{}{}:{} {} {}", text.empty() ? "" : " | ", place.line, place.column,
                        finding.rule, model::printable(finding.message));
  }
  return text.empty() ? "nothing" : text;
}

std::string document_outcome(const std::string& name, const std::string& text) {
  model::Sources sources;
  const std::uint32_t file = sources.add(name, text);
  const importers::Document document = name.ends_with(".sh")
                                           ? importers::read_script(text, file, name)
                                           : importers::read_document(text, file, name);
  return told(analyzer::document_findings({document, sources}), sources);
}

/// The text holds the up, a line `---`, and the down.
std::string sql_outcome(const std::string& text) {
  const TemporaryFolder folder;
  const std::size_t cut = text.find("---\n");
  folder.write("db/1_shop.up.sql", text.substr(0, cut));
  folder.write("db/1_shop.down.sql", cut == std::string::npos ? "" : text.substr(cut + 4));
  const auto imported = importers::import_migrations({(folder.path() / "db").string()});
  std::string said;
  if (!imported) {
    for (const model::Mistake& mistake : imported.error().mistakes) {
      const auto place = imported.error().sources->place(mistake.span);
      said += fmt::format("{}{}:{} {}", said.empty() ? "" : " | ", place.line, place.column,
                          model::printable(mistake.message));
    }
    return said;
  }
  for (const model::MigrationSet& set : imported->sets) {
    const auto judgement =
        analyzer::judge_chain(set, *imported->sources, {}, analyzer::postgres_database());
    said += told(analyzer::migration_findings(judgement), *imported->sources);
  }
  return said;
}

void compare(const std::string& table, const std::string& text,
             const std::vector<Replacement>& replacements,
             const std::function<std::string(const std::string&)>& outcome) {
  const std::string file = kFolder + "/" + table;
  std::vector<std::vector<std::string>> found;
  int number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    for (const Replacement& replacement : replacements) {
      found.push_back({std::to_string(number), replacement.name,
                       outcome(text.substr(0, begin) + replacement.text + text.substr(end))});
    }
    begin = end + 1;
  }
  ASSERT_GE(found.size(), 100U);
  if (std::getenv("BACKOUT_UPDATE") != nullptr) {
    std::ofstream out(file, std::ios::binary);
    for (const auto& row : found) out << row[0] << '\t' << row[1] << '\t' << row[2] << '\n';
  }
  const auto expected = read_table(file);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_EQ(found[i], expected[i]) << "line " << found[i][0] << " as " << found[i][1];
}

TEST(HostileTables, Documents) {
  const std::string text =
      "# Rollback of the shop\n"
      "Roll back when more than 5% of the requests fail for 10 minutes.\n"
      "\n"
      "## 1. Stop the workers (5 minutes)\n"
      "```sh\n"
      "kubectl scale deployment/worker --replicas=0 -n shop\n"
      "```\n"
      "- [ ] Nobody writes any more\n"
      "| step | time |\n"
      "|---|---|\n"
      "| restore | 10 min |\n"
      "> Ask the person on call.\n";
  compare("documents.tsv", text,
          {{"empty", ""},
           {"no UTF-8", "\xff\xfe\xc0\xaf"},
           {"control characters", "\x1b[31m\x07\xe2\x80\xae x"},
           {"NUL", std::string("a\0b", 3)},
           {"a fence", "````~~~"},
           {"a carriage return", "a\rb"},
           {"nested quotes", many("> ", 300)},
           {"nested lists", many("- ", 300)},
           {"brackets", many("[", 500)},
           {"a table of bars", many("|", 500)},
           {"numbers", "99999999999999999999. within 99999999999999999999 minutes, 1e999%"},
           {"HTML", "<!-- <details><script>"}},
          [](const std::string& each) { return document_outcome("ROLLBACK.md", each); });
}

TEST(HostileTables, Shell) {
  const std::string text =
      "#!/bin/bash\n"
      "set -euo pipefail\n"
      "TAG=\"${1:-v1}\"\n"
      "if [[ -z $TAG ]]; then\n"
      "  exit 1\n"
      "fi\n"
      "git checkout \"$TAG\" && docker compose up -d\n"
      "psql \"$URL\" <<EOF\n"
      "DROP TABLE kept;\n"
      "EOF\n";
  compare("shell.tsv", text,
          {{"empty", ""},
           {"no UTF-8", "\xff\xfe\xc0\xaf"},
           {"control characters", "\x1b[31m\x07\xe2\x80\xae x"},
           {"NUL", std::string("a\0b", 3)},
           {"a quote", "'"},
           {"a double quote", "echo \""},
           {"open brackets", many("(", 3000)},
           {"open brackets of each kind", many("({[", 200)},
           {"closed brackets", many(")", 1000)},
           {"words", many("a ", 3000)},
           {"here documents", "cat <<A <<B <<'C'"},
           {"a backslash", "rm -rf / \\"}},
          [](const std::string& each) { return document_outcome("undo.sh", each); });
}

TEST(HostileTables, Sql) {
  const std::string text =
      "CREATE TABLE item (id int PRIMARY KEY, price int NOT NULL);\n"
      "INSERT INTO item VALUES (1, 2);\n"
      "ALTER TABLE item ADD COLUMN name text DEFAULT 'x';\n"
      "CREATE INDEX item_name ON item (name);\n"
      "---\n"
      "DROP INDEX item_name;\n"
      "ALTER TABLE item DROP COLUMN name;\n"
      "DROP TABLE item;\n";
  compare("sql.tsv", text,
          {{"empty", ""},
           {"no UTF-8", "SELECT '\xff';"},
           {"NUL", std::string("SELECT 'a\0b';", 13)},
           {"control characters", "SELECT 1 AS \"\x1b[31m\xe2\x80\xae\";"},
           {"a quote", "SELECT '"},
           {"a dollar quote", "DO $a$ BEGIN"},
           {"a comment", "/* /* */"},
           {"brackets", "SELECT " + many("(", 3000)},
           {"NOT", "SELECT " + many("NOT ", 3000) + "true;"},
           {"a large number", "UPDATE item SET price = 99999999999999999999;"},
           {"an overflow", "UPDATE item SET price = price * 2147483647 * 2147483647;"},
           {"a division", "UPDATE item SET price = (-2147483647 - 1) / (price - price - 1) / 0;"},
           {"a client command", "\\i /etc/passwd"},
           {"a shell", "\\! id"},
           {"a long name", "DROP TABLE \"" + many("x", 300) + "\";"}},
          sql_outcome);
}

}  // namespace
}  // namespace backout::tests
