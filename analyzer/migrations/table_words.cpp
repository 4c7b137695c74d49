#include "analyzer/migrations/table_words.hpp"

#include <map>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace backout::analyzer {
namespace {

/// What stands in a definition by its key; the flags with what their absence means.
std::map<std::string, std::string> parts_of(const std::string& definition) {
  std::map<std::string, std::string> parts = {{"rls", "DISABLE ROW LEVEL SECURITY"},
                                              {"forcerls", "NO FORCE ROW LEVEL SECURITY"}};
  std::istringstream words(definition);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (word == "rls") {
      parts[word] = "ENABLE ROW LEVEL SECURITY";
    } else if (word == "forcerls") {
      parts[word] = "FORCE ROW LEVEL SECURITY";
    } else if (parts.size() < 7 && equals != std::string::npos) {
      parts[word.substr(0, equals)] = word.substr(equals + 1);
    } else {
      parts["rest"] += (parts["rest"].empty() ? "" : " ") + word;
    }
  }
  return parts;
}

std::string said(const std::string& key, const std::string& value) {
  static const std::map<std::string, std::map<std::string, std::string>> kWords = {
      {"kind",
       {{"r", "an ordinary table"}, {"p", "a partitioned table"}, {"f", "a foreign table"}}},
      {"pers", {{"p", "LOGGED"}, {"u", "UNLOGGED"}, {"t", "TEMPORARY"}}},
      {"ri",
       {{"d", "REPLICA IDENTITY DEFAULT"},
        {"f", "REPLICA IDENTITY FULL"},
        {"n", "REPLICA IDENTITY NOTHING"},
        {"i", "REPLICA IDENTITY USING INDEX"}}}};
  if (key == "owner") return "OWNER TO " + value;
  if (key == "opts") return value.empty() ? "no options" : "WITH (" + value + ")";
  if (key == "rest") return value.empty() ? "no parent or partitions" : value;
  const auto words = kWords.find(key);
  if (words == kWords.end()) return value;
  const auto word = words->second.find(value);
  return word == words->second.end() ? value : word->second;
}

/// Of two definitions of a table, as they are compared, what differs.
std::pair<std::string, std::string> table_words(const std::string& before,
                                                const std::string& after) {
  std::map<std::string, std::string> then = parts_of(before);
  std::map<std::string, std::string> now = parts_of(after);
  then.try_emplace("rest");
  now.try_emplace("rest");
  std::pair<std::string, std::string> words;
  for (const auto& [key, value] : then) {
    const auto other = now.find(key);
    if (other == now.end() || other->second == value) continue;
    words.first += (words.first.empty() ? "" : ", ") + said(key, value);
    words.second += (words.second.empty() ? "" : ", ") + said(key, other->second);
  }
  return words.first.empty() ? std::pair(before, after) : words;
}

/// Of two triggers that differ in nothing else whether they are enabled.
std::pair<std::string, std::string> trigger_words(const std::string& before,
                                                  const std::string& after) {
  const std::string_view key = " en=";
  const std::size_t at = before.rfind(key);
  if (at == std::string::npos || at + key.size() >= before.size() ||
      before.compare(0, at + key.size(), after, 0, at + key.size()) != 0)
    return {before, after};
  const auto word = [&](const std::string& definition) -> std::string {
    switch (definition[at + key.size()]) {
      case 'D':
        return "DISABLE TRIGGER";
      case 'R':
        return "ENABLE REPLICA TRIGGER";
      case 'A':
        return "ENABLE ALWAYS TRIGGER";
      default:
        return "ENABLE TRIGGER";
    }
  };
  return {word(before), word(after)};
}

}  // namespace

std::string said_of(const SchemaDifference& difference) {
  auto [before, after] = difference.kind == "table"
                             ? table_words(difference.before, difference.after)
                             : std::pair(difference.before, difference.after);
  if (difference.kind == "trigger") std::tie(before, after) = trigger_words(before, after);
  return fmt::format("{} '{}' is not as it was before the up: {}{}{} became {}", difference.kind,
                     difference.name, difference.field, difference.field.empty() ? "" : ": ",
                     before, after);
}

}  // namespace backout::analyzer
