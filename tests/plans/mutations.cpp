// The operators on paths, rules, services and the rest of a plan. Each says what people leave out,
// mix up or write wrong; none knows a plan by name.
#include <algorithm>

#include <fmt/format.h>

#include "plans/mutation_maker.hpp"

namespace backout::tests {
namespace {

/// The duration in milliseconds, of its largest number; nothing where it is no duration.
std::optional<double> milliseconds(const std::string& text) {
  static const std::vector<std::pair<std::string, double>> kUnits = {
      {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
  const std::size_t begin = text.find_last_of("-~<");
  const std::string last = begin == std::string::npos ? text : text.substr(begin + 1);
  const std::size_t unit = last.find_first_not_of("0123456789.");
  if (unit == 0 || unit == std::string::npos) return std::nullopt;
  for (const auto& [name, factor] : kUnits) {
    if (last.substr(unit) == name) return std::stod(last) * factor;
  }
  return std::nullopt;
}

}  // namespace

void Generator::duration(const std::string& what, const std::string& where, const Place& place,
                         bool longer, bool shorter) {
  const std::optional<double> ms = milliseconds(node(place).text);
  if (!ms) return;
  const std::string less = node(place).text.starts_with('<') ? "<" : "";
  if (longer)
    replace("raise " + what, where, place,
            fmt::format("{}{}s", less, static_cast<long>(*ms * 60 / 1e3)));
  if (shorter)
    replace("lower " + what, where, place,
            fmt::format("{}{}ms", less, std::max(1L, static_cast<long>(*ms / 60))));
}

void Generator::paths() {
  const auto all = place({"rollback", "paths"});
  if (!all) return;
  for (const Node::Entry& entry : node(*all).entries) {
    const Place path = *child(root_, *all, entry.key);
    const auto list = entry.value.type == Node::Type::map ? child(root_, path, "steps")
                                                          : std::optional<Place>(path);
    for (std::size_t i = 0; list && i < node(*list).items.size(); ++i) {
      Place one = *list;
      one.push_back(i);
      drop("leave out of a path", entry.key + "." + node(one).text, one);
      if (i + 1 < node(*list).items.size())
        swap("swap steps of a path",
             fmt::format("{}.{},{}", entry.key, node(one).text, node(*list).items[i + 1].text),
             *list, i);
    }
    if (entry.value.type != Node::Type::map) continue;
    if (const auto found = child(root_, path, "full")) drop("path without full", entry.key, *found);
    if (const auto from = child(root_, path, "from")) {
      drop("path without from", entry.key, *from);
      for (std::size_t i = 0; i < node(*from).items.size(); ++i) {
        Place one = *from;
        one.push_back(i);
        drop("path from fewer places", entry.key + "." + node(one).text, one);
      }
    }
  }
}

void Generator::condition(const Place& place, const std::string& where) {
  const Node when = node(place);
  for (const std::string key : {"all", "any"}) {
    const auto list = child(root_, place, key);
    for (std::size_t i = 0; list && i < node(*list).items.size(); ++i) {
      Place one = *list;
      one.push_back(i);
      drop("forget a condition", fmt::format("{}.{}[{}]", where, key, i), one);
      condition(one, fmt::format("{}.{}[{}]", where, key, i));
    }
  }
  if (when.find("metric") == nullptr) return;
  if (const auto value = child(root_, place, "value")) {
    const std::string text = node(*value).text;
    if (node(*value).is_scalar()) {
      const std::size_t unit = text.find_first_not_of("0123456789.");
      const std::string rest = unit == std::string::npos ? "" : text.substr(unit);
      replace("raise a threshold", where, *value, fmt::format("{}{}", std::stod(text) * 5, rest));
      replace("lower a threshold", where, *value, fmt::format("{}{}", std::stod(text) / 5, rest));
    }
  }
  if (const auto op = child(root_, place, "op")) {
    const std::string text = node(*op).text;
    replace("turn a threshold round", where, *op, text.starts_with("g") ? "lt" : "gt");
  }
  if (const auto found = child(root_, place, "for"))
    duration("for of a trigger", where, *found, true, false);
}

void Generator::rules() {
  const auto all = place({"decisions", "rules"});
  if (!all) return;
  const auto hit = place({"decisions", "hit"});
  for (std::size_t i = 0; i < node(*all).items.size(); ++i) {
    Place one = *all;
    one.push_back(i);
    const Node rule = node(one);
    const std::string id =
        rule.find("id") != nullptr ? text_at(rule, "id") : fmt::format("rule {}", i + 1);
    drop("drop a rule", id, one);
    if (i + 1 < node(*all).items.size() && hit && node(*hit).text == "first")
      swap("swap rules", id, *all, i);
    if (const auto when = child(root_, one, "when")) condition(*when, id);
    if (text_at(rule, "decide") == "rollback" || text_at(rule, "decide") == "must_rollback") {
      replace("do not roll back", id, *child(root_, one, "decide"), "monitor");
    }
    if (const auto path = child(root_, one, "path")) {
      drop("rule without path", id, *path);
      if (const auto paths = place({"rollback", "paths"})) {
        for (const Node::Entry& entry : node(*paths).entries) {
          if (entry.key != node(*path).text) replace("rule by another path", id, *path, entry.key);
        }
      }
    }
    if (const auto within = child(root_, one, "within")) {
      drop("rule without within", id, *within);
      duration("within of a rule", id, *within, true, false);
    }
  }
}

void Generator::services() {
  const auto all = place({"services"});
  for (const Node::Entry& entry : node(*all).entries) {
    const Place service = *child(root_, *all, entry.key);
    if (const auto found = child(root_, service, "absent_means"))
      drop("say nothing of missing data", entry.key, *found);
    if (const auto found = child(root_, service, "retries"))
      drop("say nothing of retries", entry.key, *found);
    if (const auto found = child(root_, service, "history"))
      drop("say nothing of history", entry.key, *found);
    if (const auto versions = child(root_, service, "versions")) {
      for (const Node::Entry& version : node(*versions).entries) {
        const std::string where = entry.key + "." + version.key;
        const Place place = *child(root_, *versions, version.key);
        if (const auto artefact = child(root_, place, "artefact"))
          replace("moving artefact", where, *artefact, "\"app:latest\"");
        if (const auto inserts = child(root_, place, "inserts")) {
          for (const Node::Entry& table : node(*inserts).entries) {
            Place columns = *child(root_, *inserts, table.key);
            add("write a column that is not there", where + "." + table.key, "",
                [&](Node& root) { at(root, columns).items.push_back(value_of("no_such_column")); });
          }
        }
      }
    }
  }
}

void Generator::the_rest() {
  if (const auto residue = place({"residue"})) {
    for (std::size_t i = 0; i < node(*residue).items.size(); ++i) {
      Place one = *residue;
      one.push_back(i);
      drop("drop a residue", text_at(node(one), "path"), one);
    }
  }
  if (const auto rto = place({"objectives", "rto"})) {
    duration("the objective", "rto", *rto, false, true);
  }
  for (const std::string key : {"detect", "decide", "respond"}) {
    if (const auto found = place({"rollback", "response", key}))
      duration("response", key, *found, true, false);
  }
  if (const auto found = place({"rollback", "response"})) drop("drop the response", "", *found);
  if (const auto window = place({"deploy", "window"}); window && node(*window).is_scalar())
    duration("the window", "", *window, false, true);
  if (const auto found = place({"decisions"})) drop("drop the decisions", "", *found);
  if (const auto metrics = place({"decisions", "metrics"})) {
    for (const Node::Entry& metric : node(*metrics).entries) {
      if (const auto absent = child(root_, *child(root_, *metrics, metric.key), "absent"))
        drop("say nothing of missing data", metric.key, *absent);
    }
  }
  if (const auto backups = place({"backups"})) {
    for (const Node::Entry& backup : node(*backups).entries) {
      const Place place = *child(root_, *backups, backup.key);
      put("backup that nobody tried", backup.key, place, "verified", "never");
      put("backup of long ago", backup.key, place, "age", "30d");
    }
  }
}

std::vector<Mutation> mutations_of(const std::string& plan) { return Generator(plan).all(); }

}  // namespace backout::tests
