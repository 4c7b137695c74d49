#include "model/sql_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace backout::model {

namespace {

/// The reserved words of PostgreSQL (manual, appendix C) that a table or column must not be called
/// without quotes.
constexpr std::array<std::string_view, 77> kReserved = {"all",          "analyse",
                                                        "analyze",      "and",
                                                        "any",          "array",
                                                        "as",           "asc",
                                                        "asymmetric",   "both",
                                                        "case",         "cast",
                                                        "check",        "collate",
                                                        "column",       "constraint",
                                                        "create",       "current_catalog",
                                                        "current_date", "current_role",
                                                        "current_time", "current_timestamp",
                                                        "current_user", "default",
                                                        "deferrable",   "desc",
                                                        "distinct",     "do",
                                                        "else",         "end",
                                                        "except",       "false",
                                                        "fetch",        "for",
                                                        "foreign",      "from",
                                                        "grant",        "group",
                                                        "having",       "in",
                                                        "initially",    "intersect",
                                                        "into",         "lateral",
                                                        "leading",      "limit",
                                                        "localtime",    "localtimestamp",
                                                        "not",          "null",
                                                        "offset",       "on",
                                                        "only",         "or",
                                                        "order",        "placing",
                                                        "primary",      "references",
                                                        "returning",    "select",
                                                        "session_user", "some",
                                                        "symmetric",    "system_user",
                                                        "table",        "then",
                                                        "to",           "trailing",
                                                        "true",         "union",
                                                        "unique",       "user",
                                                        "using",        "variadic",
                                                        "when",         "where",
                                                        "window"};

bool is_plain(std::string_view part) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '$' || c >= 0x80;
  };
  if (part.empty() || std::isdigit(static_cast<unsigned char>(part.front())) != 0 ||
      !std::ranges::all_of(part, fits))
    return false;
  std::string lower(part);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kReserved, lower) == kReserved.end();
}

/// Whether somebody wrote it as SQL already, or it stands for all columns.
bool is_left_alone(std::string_view part) {
  return part == "*" || part.find('"') != std::string_view::npos || part.find('(') != part.npos;
}

}  // namespace

std::string sql_name(std::string_view dotted) {
  if (is_left_alone(dotted)) return std::string(dotted);
  std::string name;
  for (std::size_t from = 0; from <= dotted.size();) {
    const std::size_t dot = std::min(dotted.find('.', from), dotted.size());
    const std::string_view part = dotted.substr(from, dot - from);
    if (!name.empty()) name += '.';
    const bool plain = is_plain(part);
    name += plain ? std::string(part) : '"' + std::string(part) + '"';
    from = dot + 1;
  }
  return name;
}

}  // namespace backout::model
