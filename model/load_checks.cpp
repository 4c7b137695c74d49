// precheck, verify and invariants.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

struct CheckForm {
  std::string_view key;
  Check::Type type;
  std::vector<std::string_view> others;  ///< keys that it may have besides the common ones
};

const std::vector<CheckForm>& forms() {
  static const std::vector<CheckForm> kForms = {
      {"metric", Check::Type::metric, {"op", "value", "change", "on", "baseline", "within"}},
      {"http", Check::Type::http, {"expect", "version", "fail_on_error", "via", "send", "cleanup"}},
      {"sql", Check::Type::sql, {"on", "expect"}},
      {"rows", Check::Type::rows, {"within", "baseline"}},
      {"fact", Check::Type::fact, {"service", "is"}},
      {"same_point", Check::Type::same_point, {}},
      {"command", Check::Type::command, {"expect", "fail_on_error"}},
      {"manual", Check::Type::manual, {}},
      {"version", Check::Type::version, {"of"}},  // last: an http check may name a version, too
  };
  return kForms;
}

bool is_common(std::string_view key) {
  constexpr std::array<std::string_view, 7> kCommon = {"for",    "after", "timeout", "retries",
                                                       "source", "note",  "when"};
  return std::find(kCommon.begin(), kCommon.end(), key) != kCommon.end();
}

const CheckForm* form_of(const Node& node) {
  for (const CheckForm& form : forms()) {
    if (node.find(form.key) != nullptr) return &form;
  }
  return nullptr;
}

/// Reads one check that is a map.
class CheckReader {
 public:
  CheckReader(LoadContext& context, const Node& node, SectionId section, ServiceIndex home)
      : context_(context), node_(node), section_(section), home_(home) {}

  std::optional<Check> read() {
    const CheckForm* form = form_of(node_);
    context_.keys(node_, section_, "a check");
    if (form == nullptr) {
      context_.mistake(
          node_.span, "this is no check",
          "write one of metric, http, sql, rows, fact, version, same_point, command, manual");
      return std::nullopt;
    }
    check_.type = form->type;
    check_.span = node_.span;
    for (const Node::Entry& entry : node_.entries) {
      const KeySpec* key = find_key(section_, entry.key);
      if (key == nullptr) continue;
      const bool belongs =
          entry.key == form->key || is_common(entry.key) ||
          std::find(form->others.begin(), form->others.end(), entry.key) != form->others.end();
      if (!belongs) {
        context_.mistake(
            entry.key_span,
            fmt::format("'{}' does not belong to a check of '{}'", entry.key, form->key),
            as_hint(key->help));
      }
      if (entry.key == "when") continue;
      read_value(*key, entry.value);
      check_.args.entries.push_back(entry);
      if (form->type == Check::Type::metric && entry.key == "value")
        read_bar(check_.args.entries.back().value);
    }
    resolve();
    return std::move(check_);
  }

 private:
  void read_value(const KeySpec& key, const Node& value) {
    switch (key.form) {
      case Form::duration:
        context_.duration(value);
        break;
      case Form::boolean:
        context_.boolean(value, true);
        break;
      case Form::integer:
        context_.integer(value, 0);
        break;
      case Form::choice:
        context_.choice(value, key.choices);
        break;
      case Form::string:
        context_.text(value);
        break;
      case Form::strings:
        context_.texts(value);
        break;
      default:
        break;  // services are resolved below; values are the evaluator's business
    }
  }

  /// A metric's value becomes a plain number in the metric's unit: `1%` is 1, `2s` of a metric in
  /// ms is 2000.
  void read_bar(Node& value) {
    const Node* metric = node_.find("metric");
    if (value.type == Node::Type::list || value.is_unknown() || metric == nullptr) return;
    const bool relative = node_.find("change") != nullptr;
    const auto number =
        context_.quantity(value, relative ? "percent" : context_.unit_of(metric->text));
    if (!number || value.as_number()) return;
    value.type = Node::Type::real;
    value.quoted = false;
    value.text = fmt::format("{}", *number);
  }

  void resolve() {
    switch (check_.type) {
      case Check::Type::metric:
        add("on");
        break;
      case Check::Type::http:
        resolve_http();
        break;
      case Check::Type::sql:
        resolve_sql();
        break;
      case Check::Type::rows:
        resolve_rows();
        break;
      case Check::Type::fact:
        resolve_fact();
        break;
      case Check::Type::version:
        resolve_version();
        break;
      case Check::Type::same_point:
        check_.services = context_.services(*node_.find("same_point"));
        break;
      case Check::Type::command:
      case Check::Type::manual:
        break;
    }
  }

  void add(std::string_view key) {
    if (const Node* named = node_.find(key)) {
      const std::vector<ServiceIndex> found = context_.services(*named);
      check_.services.insert(check_.services.end(), found.begin(), found.end());
    }
  }

  /// The service that `text` begins with, up to `separator`; a mistake at `node` when there is
  /// none.
  bool add_prefix(const Node& node, std::string_view text, char separator) {
    const std::string name(text.substr(0, text.find(separator)));
    const ServiceIndex service = context_.plan.find_service(name);
    if (service == kNone) {
      context_.mistake(node.span, fmt::format("unknown service '{}'", name),
                       did_you_mean(name, context_.service_names()));
      return false;
    }
    check_.services.push_back(service);
    return true;
  }

  void resolve_http() {
    const Node& http = *node_.find("http");
    if (!http.is_unknown() && http.is_scalar()) add_prefix(http, http.text, '/');
    add("via");
    const Node* version = node_.find("version");
    if (version == nullptr || check_.services.empty()) return;
    const Service& app = context_.plan.services[check_.services.front()];
    context_.version(*version, app.versions.empty() ? kNone : check_.services.front());
  }

  void resolve_sql() {
    add("on");
    if (node_.find("on") != nullptr) return;
    const ServiceIndex database = only_database();
    if (database == kNone) {
      context_.mistake(node_.span, "this check does not say which database it asks",
                       "write `on: <service>`");
    } else {
      check_.services.push_back(database);
    }
  }

  bool is_database(ServiceIndex service) const {
    const std::string& kind = context_.plan.services[service].kind;
    return kind == "postgres" || kind == "sqlite";
  }

  ServiceIndex only_database() const {
    if (home_ != kNone && is_database(home_)) return home_;
    ServiceIndex found = kNone;
    for (ServiceIndex i = 0; i < context_.plan.services.size(); ++i) {
      if (is_database(i)) {
        if (found != kNone) return kNone;
        found = i;
      }
    }
    return found;
  }

  void resolve_rows() {
    const Node& rows = *node_.find("rows");
    const std::vector<Node> one = {rows};
    for (const Node& table : rows.type == Node::Type::list ? rows.items : one) {
      if (table.is_unknown() || !table.is_scalar()) continue;
      const std::size_t before = check_.services.size();
      if (add_prefix(table, table.text, '.') &&
          std::find(check_.services.begin(),
                    check_.services.begin() + static_cast<std::ptrdiff_t>(before),
                    check_.services.back()) !=
              check_.services.begin() + static_cast<std::ptrdiff_t>(before)) {
        check_.services.pop_back();
      }
    }
  }

  /// `fact: service.path` is short for service and fact.
  void resolve_fact() {
    add("service");
    if (node_.find("service") != nullptr) return;
    for (Node::Entry& entry : check_.args.entries) {
      if (entry.key != "fact" || entry.value.is_unknown() ||
          !add_prefix(entry.value, entry.value.text, '.'))
        continue;
      const std::size_t dot = entry.value.text.find('.');
      if (dot == std::string::npos) {
        context_.mistake(entry.value.span,
                         fmt::format("'{}' names a service but no fact of it", entry.value.text),
                         "write service.fact");
        return;
      }
      Node::Entry service = entry;
      service.key = "service";
      service.value.text.resize(dot);
      entry.value.text.erase(0, dot + 1);
      check_.args.entries.push_back(std::move(service));
      return;
    }
  }

  void resolve_version() {
    add("of");
    if (node_.find("of") == nullptr) {
      if (home_ == kNone || context_.kinds[home_] == nullptr ||
          !context_.kinds[home_]->has_versions) {
        context_.mistake(node_.span, "this check does not say of which app",
                         "write `of: <service>`");
        return;
      }
      check_.services.push_back(home_);
    }
    if (!check_.services.empty()) context_.version(*node_.find("version"), check_.services.front());
  }

  LoadContext& context_;
  const Node& node_;
  SectionId section_;
  ServiceIndex home_;
  Check check_;
};

Check manual_check(const Node& text) {
  Check check;
  check.type = Check::Type::manual;
  check.span = text.span;
  check.args.entries.push_back({"manual", text.span, text});
  return check;
}

}  // namespace

std::optional<Check> read_check(LoadContext& context, const Node& node, SectionId section,
                                ServiceIndex home) {
  if (node.type == Node::Type::string) {
    return node.is_unknown() ? std::nullopt : std::optional(manual_check(node));
  }
  if (!context.is_map(node, "a check")) return std::nullopt;
  return CheckReader(context, node, section, home).read();
}

std::vector<Check> read_checks(LoadContext& context, const Node& node, ServiceIndex home) {
  std::vector<Check> checks;
  const auto add = [&](const Node& one) {
    if (auto check = read_check(context, one, SectionId::check, home))
      checks.push_back(std::move(*check));
  };
  if (node.type == Node::Type::list) {
    for (const Node& item : node.items) add(item);
  } else {
    add(node);
  }
  return checks;
}

void read_invariants(LoadContext& context, const Node& invariants) {
  if (!context.is_map(invariants, "'invariants'")) return;
  for (const Node::Entry& entry : invariants.entries) {
    context.id(entry.key, entry.key_span, "invariant");
    Invariant invariant;
    invariant.name = entry.key;
    invariant.span = entry.key_span;
    auto check = read_check(context, entry.value, SectionId::invariant, kNone);
    if (!check) continue;
    invariant.check = std::move(*check);
    if (const Node* when = entry.value.find("when")) {
      invariant.always =
          context.choice(*when, find_key(SectionId::invariant, "when")->choices) == "always";
    }
    context.plan.invariants.push_back(std::move(invariant));
  }
}

}  // namespace backout::model
