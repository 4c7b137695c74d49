#pragma once
// The values of a backout.toml: what is none of the kind that a key takes is a mistake with its
// place.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/config.hpp"
#include "importers/toml.hpp"
#include "model/load.hpp"

namespace backout::cli {

/// Reads tables and gathers what is wrong with them.
class ConfigReader {
 public:
  ConfigReader(const std::string& name, const std::string& text, ConfigError& wrong)
      : wrong_(wrong), file_(wrong.sources->add(name, text)) {}

  const std::string& name() const { return source().name(); }

  void add(const toml::source_region& region, std::string message, std::string hint = "") {
    wrong_.mistakes.push_back({span_of(region), std::move(message), std::move(hint)});
  }

  void unknown_key(const toml::key& key, const std::vector<std::string>& known) {
    const std::string near = model::nearest(std::string(key.str()), known);
    add(key.source(), fmt::format("unknown key '{}'", key.str()),
        near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                     : fmt::format("did you mean '{}'?", near));
  }

  std::optional<std::string> word(const toml::key& key, const toml::node& node,
                                  const std::vector<std::string>& choices = {}) {
    const auto value = node.value<std::string>();
    if (!node.is_string() || !value) {
      add(node.source(), fmt::format("'{}' takes a text", key.str()));
      return std::nullopt;
    }
    if (!choices.empty() && std::ranges::find(choices, *value) == choices.end()) {
      add(node.source(),
          fmt::format("'{}' takes {}, not '{}'", key.str(), fmt::join(choices, ", "), *value));
      return std::nullopt;
    }
    return value;
  }

  std::vector<std::string> list(const toml::key& key, const toml::node& node) {
    std::vector<std::string> words;
    const toml::array* array = node.as_array();
    if (array == nullptr) {
      add(node.source(), fmt::format("'{}' takes a list of texts", key.str()));
      return words;
    }
    for (const toml::node& each : *array) {
      if (const auto value = each.value<std::string>(); each.is_string() && value)
        words.push_back(*value);
      else
        add(each.source(), fmt::format("'{}' takes a list of texts", key.str()));
    }
    return words;
  }

  std::vector<std::string> rules(const toml::key& key, const toml::node& node) {
    std::vector<std::string> words = list(key, node);
    const toml::array* array = node.as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size() && i < words.size(); ++i) {
      if (const std::string wrong = wrong_rule_name(words[i]); !wrong.empty())
        add((*array)[i].source(), wrong);
    }
    return words;
  }

  void severities(const toml::key& key, const toml::node& node, RuleChoice& choice) {
    const toml::table* table = node.as_table();
    if (table == nullptr)
      return add(node.source(), fmt::format("'{}' takes a table: RULE = \"warning\"", key.str()));
    for (const auto& [rule, value] : *table) {
      if (const std::string wrong = wrong_rule_name(std::string(rule.str())); !wrong.empty())
        add(rule.source(), wrong);
      const auto level = word(rule, value, {"error", "warning", "note", "off"});
      if (level) read_severity(*level, choice.severity[std::string(rule.str())]);
    }
  }

  /// Whether the key is one of a choice of rules; then it is read.
  bool choice_key(const toml::key& key, const toml::node& node, RuleChoice& choice) {
    if (key.str() == "select")
      choice.select = rules(key, node);
    else if (key.str() == "ignore")
      choice.ignore = rules(key, node);
    else if (key.str() == "severity")
      severities(key, node, choice);
    else
      return false;
    return true;
  }

  model::Span span_of(const toml::source_region& region) const {
    const auto begin = byte_of(region.begin);
    return {file_, begin,
            std::max(begin + 1,
                     region.end.line == region.begin.line ? byte_of(region.end) : begin + 1)};
  }

 private:
  const model::SourceFile& source() const { return (*wrong_.sources)[file_]; }

  std::uint32_t byte_of(const toml::source_position& at) const {
    if (at.line == 0 || at.line > source().line_count()) return 0;
    const std::string_view line = source().line(at.line);
    std::size_t byte = 0;
    for (std::size_t column = 1; column < at.column && byte < line.size(); ++column) {
      do ++byte;
      while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U);
    }
    const auto before = static_cast<std::size_t>(line.data() - source().text().data());
    return static_cast<std::uint32_t>(before + byte);
  }

  ConfigError& wrong_;
  std::uint32_t file_;
};

}  // namespace backout::cli
