// One procedure destroys what another one relies on.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// `drop table if exists NAME` → NAME, without its schema; empty for others.
std::string dropped(std::string_view line) {
  if (!line.starts_with("drop table ")) return {};
  std::string_view rest = line.substr(11);
  if (rest.starts_with("if exists ")) rest.remove_prefix(10);
  const std::string_view name = rest.substr(0, rest.find_first_of(" ;,("));
  const std::size_t dot = name.rfind('.');
  return std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

}  // namespace

std::vector<model::Finding> check_depends_on_broken(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const auto lines = sql_lines(facts.document);
  for (const SqlLine& drop : lines) {
    const std::string table = dropped(drop.text);
    if (table.size() < 3) continue;
    for (const SqlLine& use : lines) {
      const bool other =
          use.block->section != drop.block->section &&
          (use.text.starts_with("update " + table + " ") || use.text == "update " + table);
      if (!other) continue;
      model::Finding made = finding(
          model::Severity::error, drop.span,
          fmt::format(
              "this drops '{}', on which '{}' relies: after this rollback that procedure is gone",
              table, facts.document.title_of(use.block->section)),
          "keep the table, or say that the other procedure is no longer open");
      made.related.push_back({use.span, "needs the table"});
      found.push_back(std::move(made));
      break;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
