// The operators on steps and checks.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "plans/mutation_maker.hpp"

namespace backout::tests {

void Generator::steps(const Place& list, bool deploys) {
  const Node& all = node(list);
  for (std::size_t i = 0; i < all.items.size(); ++i) {
    Place place = list;
    place.push_back(i);
    if (const auto members = child(root_, place, "steps"))
      steps(*members, deploys);
    else
      step(place, deploys);
    // In the rollback the paths say the order.
    if (deploys && i + 1 < all.items.size()) {
      swap("swap deploy steps", text_at(all.items[i], "id") + "," + text_at(all.items[i + 1], "id"),
           list, i);
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
      std::erase_if(node.entries, [&](const Node::Entry& entry) {
        return entry.key == "undo" && entry.value.text == id;
      });
      for (Node& item : node.items) self(self, item);
      for (Node::Entry& entry : node.entries) self(self, entry.value);
    };
    lose(lose, at(root, *deploy));
  });
}

void Generator::step(const Place& place, bool deploys) {
  const Node step = node(place);
  const std::string id = text_at(step, "id");
  if (deploys)
    drop_deploy_step(id, place);
  else
    drop_rollback_step(id, place);
  for (const Node::Entry& entry : step.entries) {
    if (std::set<std::string>{"id", "do", "target", "note", "source", "command"}.contains(
            entry.key))
      continue;
    // Which rollback step takes a step back may be said at either end.
    drop((deploys ? "drop deploy " : "drop rollback ") + entry.key, id,
         *child(root_, place, entry.key));
  }
  for (const std::string key : {"verify", "precheck"}) {
    if (const auto found = child(root_, place, key)) checks(*found, id + "." + key);
  }
  if (child(root_, place, "verify"))
    replace(deploys ? "verify none in deploy" : "verify none in rollback", id,
            *child(root_, place, "verify"), "none");
  put(deploys ? "deploy goes on after failure" : "rollback goes on after failure", id, place,
      "on_failure", "continue");
  // Where the deploy does less, less is to be taken back: that is another deploy and no defect.
  if (!deploys)
    add("rollback by hand instead", id, write_tree(step), [&](Node& root) {
      Node& into = at(root, place);
      static const std::set<std::string> kKept = {"id",      "takes",  "by",    "undo", "undoes",
                                                  "timeout", "always", "needs", "retry"};
      std::erase_if(into.entries,
                    [](const Node::Entry& entry) { return !kKept.contains(entry.key); });
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
        if (step.find(key) != nullptr && text_at(step, key) != each.key)
          other(key, side + " to the wrong side", each.key);
      }
    }
  }
  other("ref", "moving ref in " + side, "main");
  other("image", "moving image in " + side, "\"app:latest\"");
  if (std::set<std::string>{"rollback", "redeploy", "promote", "undo"}.contains(
          text_at(step, "do"))) {
    other("to", "moving target in " + side, "previous");
  }
  other("value", "wrong value in " + side, "zzz");
  other("enabled", "wrong flag in " + side, text_at(step, "enabled") == "true" ? "false" : "true");
  other("percent", "wrong share in " + side, text_at(step, "percent") == "0" ? "50" : "0");
  other("format", "wrong format of " + side,
        text_at(step, "format") == "plain" ? "custom" : "plain");
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
  sql_of_step(place, id, side);
  const std::string verb = text_at(step, "do");
  for (const std::string key : {"takes", "timeout", "for"}) {
    const auto found = child(root_, place, key);
    if (!found) continue;
    const bool watch = key == "for";
    duration(fmt::format("{} of {}{}", key, side, watch ? " " + verb : ""), id, *found,
             key == "takes", key != "takes");
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

/// Statements that lock more, ask more, insist or reach further.
void Generator::sql_of_step(const Place& place, const std::string& id, const std::string& side) {
  const Node step = node(place);
  const std::string sql = text_at(step, "text");
  if (step.find("text") == nullptr || text_at(step, "do") != "sql") return;
  const auto at_word = [&](const std::string& word, const std::string& with,
                           const std::string& op) {
    std::string changed = sql;
    const std::size_t found = changed.find(word);
    if (found != std::string::npos)
      replace(op + " in " + side, id, *child(root_, place, "text"),
              fmt::format("\"{}\"", changed.replace(found, word.size(), with)));
  };
  at_word(" CONCURRENTLY", "", "index under a lock");
  at_word(" text", " text NOT NULL", "not null at once");
  at_word(" IF EXISTS", "", "insist that it exists");
  at_word("WHERE", "WHERE true OR", "wider change");
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
  for (const std::string key :
       {"version", "expect", "is", "for", "within", "baseline", "value", "op", "on"}) {
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
        if (version.key != text_at(check, "version"))
          change("version", "check wants another version", "\"" + version.key + "\"");
      }
    }
  }
  if (check.find("http") != nullptr || check.find("command") != nullptr)
    put("check passes on error", where, place, "fail_on_error", "false");
  if (check.find("metric") != nullptr) {
    change("op", "check the wrong way round", text_at(check, "op").starts_with("l") ? "gt" : "lt");
    if (const auto value = child(root_, place, "value")) {
      const std::string text = node(*value).text;
      const std::size_t unit = text.find_first_not_of("0123456789.");
      const double number = std::stod(text);
      const std::string rest = unit == std::string::npos ? "" : text.substr(unit);
      const bool below = text_at(check, "op").starts_with("l");
      replace("check with a loose threshold", where, *value,
              fmt::format("{}{}", below ? number * 20 : number / 20, rest));
    }
  }
  if (const auto found = child(root_, place, "for"))
    duration("for of a check", where, *found, false, true);
  if (const auto found = child(root_, place, "within")) {
    if (check.find("rows") != nullptr)
      replace("check with a loose tolerance", where, *found, "90%");
  }
}

}  // namespace backout::tests
