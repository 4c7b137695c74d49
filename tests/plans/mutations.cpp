// The operators. Each says what people leave out, mix up or write wrong; none knows a plan by name.
#include "plans/mutations.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "support/plan_tree.hpp"

namespace backout::tests {
namespace {

using model::Node;

std::string text_at(const Node& map, const std::string& key) {
  const Node* found = map.find(key);
  return found == nullptr ? "" : found->text;
}

/// The duration in milliseconds, of its largest number; nothing where it is no duration.
std::optional<double> milliseconds(const std::string& text) {
  static const std::vector<std::pair<std::string, double>> kUnits = {{"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
  const std::size_t begin = text.find_last_of("-~<");
  const std::string last = begin == std::string::npos ? text : text.substr(begin + 1);
  const std::size_t unit = last.find_first_not_of("0123456789.");
  if (unit == 0 || unit == std::string::npos) return std::nullopt;
  for (const auto& [name, factor] : kUnits) {
    if (last.substr(unit) == name) return std::stod(last) * factor;
  }
  return std::nullopt;
}

class Generator {
 public:
  explicit Generator(const std::string& plan) : root_(read_tree(plan)) {}

  std::vector<Mutation> all() {
    steps(*place({"deploy", "steps"}), true);
    if (const auto rollback = place({"rollback", "steps"})) steps(*rollback, false);
    paths();
    rules();
    services();
    the_rest();
    return std::move(mutations_);
  }

 private:
  using Edit = std::function<void(Node& root)>;

  std::optional<Place> place(const std::vector<std::string>& keys) const {
    std::optional<Place> found = Place{};
    for (const std::string& key : keys) {
      if (found) found = child(root_, *found, key);
    }
    return found;
  }

  std::optional<Place> place_of_service(const std::string& name) const { return place({"services", name}); }

  const Node& node(const Place& place) const { return at(const_cast<Node&>(root_), place); }

  void add(const std::string& op, const std::string& where, const std::string& was, const Edit& edit) {
    Node copy = root_;
    edit(copy);
    std::string text = write_tree(copy);
    if (text != write_tree(root_)) mutations_.push_back({op, where, was, std::move(text)});
  }

  /// Takes the entry or item at the place out.
  void drop(const std::string& op, const std::string& where, Place place) {
    const std::string was = write_tree(node(place));
    const std::size_t index = place.back();
    place.pop_back();
    add(op, where, was, [&](Node& root) {
      Node& parent = at(root, place);
      if (parent.type == Node::Type::map) parent.entries.erase(parent.entries.begin() + static_cast<std::ptrdiff_t>(index));
      else parent.items.erase(parent.items.begin() + static_cast<std::ptrdiff_t>(index));
    });
  }

  void replace(const std::string& op, const std::string& where, const Place& place, const std::string& yaml) {
    add(op, where, write_tree(node(place)), [&](Node& root) { at(root, place) = value_of(yaml); });
  }

  void put(const std::string& op, const std::string& where, const Place& map, const std::string& key, const std::string& yaml) {
    add(op, where, "", [&](Node& root) {
      Node& into = at(root, map);
      std::erase_if(into.entries, [&](const Node::Entry& entry) { return entry.key == key; });
      into.entries.push_back({key, {}, value_of(yaml)});
    });
  }

  void swap(const std::string& op, const std::string& where, const Place& list, std::size_t first) {
    add(op, where, "", [&](Node& root) { std::swap(at(root, list).items[first], at(root, list).items[first + 1]); });
  }

  void steps(const Place& list, bool deploys);
  void step(const Place& place, bool deploys);
  void values_of_step(const Place& place, const std::string& id, bool deploys);
  void checks(const Place& place, const std::string& where);
  void check(const Place& place, const std::string& where);
  void drop_rollback_step(const std::string& id, const Place& place);
  void drop_deploy_step(const std::string& id, const Place& place);
  void paths();
  void rules();
  void condition(const Place& place, const std::string& where);
  void services();
  void the_rest();
  void duration(const std::string& what, const std::string& where, const Place& place, bool longer, bool shorter);

  /// Takes the word out of every list under the key (`steps` of paths, `from`, `undoes`), wherever it is.
  static void forget(Node& node, const std::string& word) {
    for (Node& item : node.items) forget(item, word);
    for (Node::Entry& entry : node.entries) {
      std::erase_if(entry.value.items, [&](const Node& item) { return item.text == word && item.is_scalar(); });
      forget(entry.value, word);
    }
  }

  Node root_;
  std::vector<Mutation> mutations_;
};

void Generator::duration(const std::string& what, const std::string& where, const Place& place, bool longer, bool shorter) {
  const std::optional<double> ms = milliseconds(node(place).text);
  if (!ms) return;
  const std::string less = node(place).text.starts_with('<') ? "<" : "";
  if (longer) replace("raise " + what, where, place, fmt::format("{}{}s", less, static_cast<long>(*ms * 60 / 1e3)));
  if (shorter) replace("lower " + what, where, place, fmt::format("{}{}ms", less, std::max(1L, static_cast<long>(*ms / 60))));
}

void Generator::steps(const Place& list, bool deploys) {
  const Node& all = node(list);
  for (std::size_t i = 0; i < all.items.size(); ++i) {
    Place place = list;
    place.push_back(i);
    if (const auto members = child(root_, place, "steps")) steps(*members, deploys);
    else step(place, deploys);
    // In the rollback the paths say the order.
    if (deploys && i + 1 < all.items.size()) {
      swap("swap deploy steps", text_at(all.items[i], "id") + "," + text_at(all.items[i + 1], "id"), list, i);
    }
  }
}

void Generator::drop_deploy_step(const std::string& id, const Place& place) {
  Place list = place;
  const std::size_t index = list.back();
  list.pop_back();
  add("drop deploy step", id, "", [&](Node& root) {
    Node& steps = at(root, list);
    steps.items.erase(steps.items.begin() + static_cast<std::ptrdiff_t>(index));
    forget(root, id);
  });
}

void Generator::drop_rollback_step(const std::string& id, const Place& place) {
  Place list = place;
  const std::size_t index = list.back();
  list.pop_back();
  add("drop rollback step", id, "", [&](Node& root) {
    Node& steps = at(root, list);
    steps.items.erase(steps.items.begin() + static_cast<std::ptrdiff_t>(index));
    forget(root, id);
    const auto deploy = child(root, {}, "deploy");
    const auto lose = [&](auto&& self, Node& node) -> void {
      std::erase_if(node.entries, [&](const Node::Entry& entry) { return entry.key == "undo" && entry.value.text == id; });
      for (Node& item : node.items) self(self, item);
      for (Node::Entry& entry : node.entries) self(self, entry.value);
    };
    lose(lose, at(root, *deploy));
  });
}

void Generator::step(const Place& place, bool deploys) {
  const Node step = node(place);
  const std::string id = text_at(step, "id");
  if (deploys) drop_deploy_step(id, place);
  else drop_rollback_step(id, place);
  for (const Node::Entry& entry : step.entries) {
    if (std::set<std::string>{"id", "do", "target", "note", "source", "command"}.contains(entry.key)) continue;
    // Which rollback step takes a step back may be said at either end.
    drop((deploys ? "drop deploy " : "drop rollback ") + entry.key, id, *child(root_, place, entry.key));
  }
  for (const std::string key : {"verify", "precheck"}) {
    if (const auto found = child(root_, place, key)) checks(*found, id + "." + key);
  }
  if (child(root_, place, "verify")) replace(deploys ? "verify none in deploy" : "verify none in rollback", id, *child(root_, place, "verify"), "none");
  put(deploys ? "deploy goes on after failure" : "rollback goes on after failure", id, place, "on_failure", "continue");
  // Where the deploy does less, less is to be taken back: that is another deploy and no defect.
  if (!deploys) add("rollback by hand instead", id, write_tree(step), [&](Node& root) {
    Node& into = at(root, place);
    static const std::set<std::string> kKept = {"id", "takes", "by", "undo", "undoes", "timeout", "always", "needs", "retry"};
    std::erase_if(into.entries, [](const Node::Entry& entry) { return !kKept.contains(entry.key); });
    into.entries.push_back({"do", {}, value_of("task")});
    into.entries.push_back({"text", {}, value_of("look at it")});
  });
  values_of_step(place, id, deploys);
}

/// Other values for the arguments: what is written wrong rather than left out.
void Generator::values_of_step(const Place& place, const std::string& id, bool deploys) {
  const Node step = node(place);
  const std::string side = deploys ? "deploy" : "rollback";
  const std::string target = text_at(step, "target");
  const auto other = [&](const std::string& key, const std::string& op, const std::string& yaml) {
    if (const auto found = child(root_, place, key)) replace(op, id, *found, yaml);
  };
  const auto service = place_of_service(target);
  if (const auto versions = service ? child(root_, *service, "versions") : std::nullopt) {
    for (const Node::Entry& version : node(*versions).entries) {
      for (const std::string key : {"version", "to"}) {
        if (text_at(step, key) == version.key || step.find(key) == nullptr) continue;
        other(key, side + " the wrong version", "\"" + version.key + "\"");
      }
    }
  }
  if (const auto sides = service ? child(root_, *service, "sides") : std::nullopt) {
    for (const Node::Entry& each : node(*sides).entries) {
      for (const std::string key : {"to", "side"}) {
        if (step.find(key) != nullptr && text_at(step, key) != each.key) other(key, side + " to the wrong side", each.key);
      }
    }
  }
  other("ref", "moving ref in " + side, "main");
  other("image", "moving image in " + side, "\"app:latest\"");
  if (std::set<std::string>{"rollback", "redeploy", "promote", "undo"}.contains(text_at(step, "do"))) {
    other("to", "moving target in " + side, "previous");
  }
  other("value", "wrong value in " + side, "zzz");
  other("enabled", "wrong flag in " + side, text_at(step, "enabled") == "true" ? "false" : "true");
  other("percent", "wrong share in " + side, text_at(step, "percent") == "0" ? "50" : "0");
  other("format", "wrong format of " + side, text_at(step, "format") == "plain" ? "custom" : "plain");
  if (!deploys) other("from", "wrong copy in rollback", "\"other.copy\"");
  if (!deploys) other("revision", "wrong revision in rollback", "\"1\"");
  for (const std::string key : {"wait", "drain", "transaction", "clean", "atomic"}) {
    if (text_at(step, key) == "true") other(key, "no " + key + " in " + side, "false");
  }
  if (const auto fields = child(root_, place, "fields")) {
    for (std::size_t i = 0; i < node(*fields).items.size(); ++i) {
      Place field = *fields;
      field.push_back(i);
      drop("forget a field in " + side, id + "." + node(field).text, field);
    }
  }
  if (const std::string sql = text_at(step, "text"); step.find("text") != nullptr && text_at(step, "do") == "sql") {
    const auto at_word = [&](const std::string& word, const std::string& with, const std::string& op) {
      std::string changed = sql;
      const std::size_t found = changed.find(word);
      if (found == std::string::npos) return;
      other("text", op + " in " + side, fmt::format("\"{}\"", changed.replace(found, word.size(), with)));
    };
    at_word(" CONCURRENTLY", "", "index under a lock");
    at_word(" text", " text NOT NULL", "not null at once");
    at_word(" IF EXISTS", "", "insist that it exists");
    at_word("WHERE", "WHERE true OR", "wider change");
  }
  const std::string verb = text_at(step, "do");
  for (const std::string key : {"takes", "timeout", "for"}) {
    const auto found = child(root_, place, key);
    if (!found) continue;
    const bool watch = key == "for";
    duration(fmt::format("{} of {}{}", key, side, watch ? " " + verb : ""), id, *found, key == "takes", key != "takes");
  }
  if (const auto undoes = child(root_, place, "undoes")) {
    if (node(*undoes).items.size() > 1) {
      for (std::size_t i = 0; i < node(*undoes).items.size(); ++i) {
        Place one = *undoes;
        one.push_back(i);
        drop("forget what is undone", id + "." + node(one).text, one);
      }
    }
  }
}

void Generator::checks(const Place& place, const std::string& where) {
  const Node& all = node(place);
  if (all.type == Node::Type::map) check(place, where);
  for (std::size_t i = 0; i < all.items.size(); ++i) {
    Place one = place;
    one.push_back(i);
    drop("drop one check", fmt::format("{}[{}]", where, i), one);
    check(one, fmt::format("{}[{}]", where, i));
  }
}

void Generator::check(const Place& place, const std::string& where) {
  const Node check = node(place);
  const auto change = [&](const std::string& key, const std::string& op, const std::string& yaml) {
    if (const auto found = child(root_, place, key)) replace(op, where, *found, yaml);
  };
  for (const std::string key : {"version", "expect", "is", "for", "within", "baseline", "value", "op", "on"}) {
    if (const auto found = child(root_, place, key)) drop("check without " + key, where, *found);
  }
  if (check.find("http") != nullptr) change("expect", "check expects another answer", "503");
  if (check.find("sql") != nullptr) change("expect", "check expects another answer", "7");
  change("is", "check wants another value", "zzz");
  if (const std::string of = text_at(check, "http"); check.find("version") != nullptr) {
    const auto service = place_of_service(of.substr(0, of.find('/')));
    const auto versions = service ? child(root_, *service, "versions") : std::nullopt;
    if (versions) {
      for (const Node::Entry& version : node(*versions).entries) {
        if (version.key != text_at(check, "version")) change("version", "check wants another version", "\"" + version.key + "\"");
      }
    }
  }
  if (check.find("http") != nullptr || check.find("command") != nullptr) put("check passes on error", where, place, "fail_on_error", "false");
  if (check.find("metric") != nullptr) {
    change("op", "check the wrong way round", text_at(check, "op").starts_with("l") ? "gt" : "lt");
    if (const auto value = child(root_, place, "value")) {
      const std::string text = node(*value).text;
      const std::size_t unit = text.find_first_not_of("0123456789.");
      const double number = std::stod(text);
      const std::string rest = unit == std::string::npos ? "" : text.substr(unit);
      const bool below = text_at(check, "op").starts_with("l");
      replace("check with a loose threshold", where, *value, fmt::format("{}{}", below ? number * 20 : number / 20, rest));
    }
  }
  if (const auto found = child(root_, place, "for")) duration("for of a check", where, *found, false, true);
  if (const auto found = child(root_, place, "within")) {
    if (check.find("rows") != nullptr) replace("check with a loose tolerance", where, *found, "90%");
  }
}

void Generator::paths() {
  const auto all = place({"rollback", "paths"});
  if (!all) return;
  for (const Node::Entry& entry : node(*all).entries) {
    const Place path = *child(root_, *all, entry.key);
    const auto list = entry.value.type == Node::Type::map ? child(root_, path, "steps") : std::optional<Place>(path);
    for (std::size_t i = 0; list && i < node(*list).items.size(); ++i) {
      Place one = *list;
      one.push_back(i);
      drop("leave out of a path", entry.key + "." + node(one).text, one);
      if (i + 1 < node(*list).items.size()) swap("swap steps of a path", fmt::format("{}.{},{}", entry.key, node(one).text, node(*list).items[i + 1].text), *list, i);
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
  if (const auto found = child(root_, place, "for")) duration("for of a trigger", where, *found, true, false);
}

void Generator::rules() {
  const auto all = place({"decisions", "rules"});
  if (!all) return;
  const auto hit = place({"decisions", "hit"});
  for (std::size_t i = 0; i < node(*all).items.size(); ++i) {
    Place one = *all;
    one.push_back(i);
    const Node rule = node(one);
    const std::string id = rule.find("id") != nullptr ? text_at(rule, "id") : fmt::format("rule {}", i + 1);
    drop("drop a rule", id, one);
    if (i + 1 < node(*all).items.size() && hit && node(*hit).text == "first") swap("swap rules", id, *all, i);
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
    if (const auto found = child(root_, service, "absent_means")) drop("say nothing of missing data", entry.key, *found);
    if (const auto found = child(root_, service, "retries")) drop("say nothing of retries", entry.key, *found);
    if (const auto found = child(root_, service, "history")) drop("say nothing of history", entry.key, *found);
    if (const auto versions = child(root_, service, "versions")) {
      for (const Node::Entry& version : node(*versions).entries) {
        const std::string where = entry.key + "." + version.key;
        const Place place = *child(root_, *versions, version.key);
        if (const auto artefact = child(root_, place, "artefact")) replace("moving artefact", where, *artefact, "\"app:latest\"");
        if (const auto inserts = child(root_, place, "inserts")) {
          for (const Node::Entry& table : node(*inserts).entries) {
            Place columns = *child(root_, *inserts, table.key);
            add("write a column that is not there", where + "." + table.key, "", [&](Node& root) { at(root, columns).items.push_back(value_of("no_such_column")); });
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
    if (const auto found = place({"rollback", "response", key})) duration("response", key, *found, true, false);
  }
  if (const auto found = place({"rollback", "response"})) drop("drop the response", "", *found);
  if (const auto window = place({"deploy", "window"}); window && node(*window).is_scalar()) duration("the window", "", *window, false, true);
  if (const auto found = place({"decisions"})) drop("drop the decisions", "", *found);
  if (const auto metrics = place({"decisions", "metrics"})) {
    for (const Node::Entry& metric : node(*metrics).entries) {
      if (const auto absent = child(root_, *child(root_, *metrics, metric.key), "absent")) drop("say nothing of missing data", metric.key, *absent);
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

}  // namespace

std::vector<Mutation> mutations_of(const std::string& plan) { return Generator(plan).all(); }

}  // namespace backout::tests
