#include "cli/locks.hpp"

#include <ostream>

#include <fmt/format.h>

#include "cli/server.hpp"
#include "model/printable.hpp"
#include "postgres/read/statement_locks.hpp"

namespace backout::cli {
namespace {

std::string line_of(const model::Place& place, const postgres::StatementLock& lock) {
  std::string text = fmt::format("{}:{}: {}: {}", place.file, place.line, lock.what, lock.mode);
  if (!lock.on.empty()) text += " on " + lock.on;
  if (lock.rewrites != postgres::Extent::no)
    text += lock.rewrites == postgres::Extent::yes ? "; written anew" : "; perhaps written anew";
  if (lock.scans != postgres::Extent::no)
    text += lock.scans == postgres::Extent::yes ? "; scanned" : "; perhaps scanned";
  if (!lock.note.empty()) text += " (" + lock.note + ")";
  return text;
}

}  // namespace

void print_locks(const MigrationInput& input, std::ostream& out) {
  for (const ChainInput& chain : input.chains) {
    for (std::size_t at = chain.set.migrations.size(); at-- > 0;) {
      const model::Migration& migration = chain.set.migrations[at];
      if (!migration.down || (!chain.judged.empty() && !chain.judged[at])) continue;
      const postgres::Script script = postgres::Script::parse(migration.down->text);
      if (script.mistake()) {
        out << model::printable(fmt::format("{}: its locks are not known: {}", migration.id,
                                            script.mistake()->message))
            << '\n';
        continue;
      }
      for (const postgres::StatementLock& lock :
           postgres::statement_locks(script, asked_server())) {
        const postgres::Script::Statement& statement = script.statements()[lock.statement];
        out << model::printable(line_of(
                   input.sources->place(migration.down->span_of(statement.begin, statement.end)),
                   lock))
            << '\n';
      }
    }
  }
}

}  // namespace backout::cli
