// versions of apps: operations, long and short.

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/load_context.hpp"
#include "model/sql_name.hpp"

namespace backout::model {
namespace {

/// The services that an operation of `app` may mean when it does not say `on`: of the given kinds,
/// those that the app uses; when it uses none of them, those of the plan.
std::vector<ServiceIndex> candidates(const LoadContext& context, ServiceIndex app,
                                     std::initializer_list<std::string_view> kinds) {
  const auto fits = [&](ServiceIndex i) {
    return std::find(kinds.begin(), kinds.end(), context.plan.services[i].kind) != kinds.end();
  };
  std::vector<ServiceIndex> found;
  for (const ServiceIndex used : context.plan.services[app].uses) {
    if (fits(used)) found.push_back(used);
  }
  if (!found.empty()) return found;
  for (ServiceIndex i = 0; i < context.plan.services.size(); ++i) {
    if (fits(i)) found.push_back(i);
  }
  return found;
}

/// The webhook that carries `event` to `app`; the app's only one when the event is not named by
/// any.
std::vector<ServiceIndex> webhooks(const LoadContext& context, const Node& services_body,
                                   ServiceIndex app, std::string_view event) {
  std::vector<ServiceIndex> to_app;
  for (const ServiceIndex i : candidates(context, app, {"webhook"})) {
    const Node& fields = services_body.entries[i].value;
    const Node* to = fields.find("to");
    if (to != nullptr && !to->is_unknown() && to->text != context.plan.services[app].name) continue;
    const Node* name = fields.find("event");
    if (name != nullptr && name->text == event) return {i};
    to_app.push_back(i);
  }
  return to_app;
}

/// Reads the versions of one app.
class VersionReader {
 public:
  VersionReader(LoadContext& context, ServiceIndex app) : context_(context), app_(app) {}

  Version read(const Node::Entry& entry) {
    Version version;
    left_alone_.clear();
    version.name = entry.key;
    version.span = entry.key_span;
    if (entry.value.type != Node::Type::null && !entry.value.is_unknown()) {
      if (!context_.is_map(entry.value, fmt::format("version '{}'", entry.key))) return version;
      for (const Node::Entry& part : entry.value.entries) read_part(version, entry.value, part);
    }
    if (entry.value.is_unknown())
      version.extra.entries.push_back({"operations", entry.key_span, entry.value});
    add_unsaid(version);
    return version;
  }

 private:
  /// What a version does to a cache, queue or bucket that the app uses, and of which it says
  /// nothing, is unknown: an operation that writes a format which nobody knows.
  void add_unsaid(Version& version) {
    const Node* said_of_all = version.extra.find("operations");
    if (said_of_all != nullptr && said_of_all->text == "none") return;
    for (const ServiceIndex used : context_.plan.services[app_].uses) {
      if (!keeps_entries(used)) continue;
      const bool said =
          std::any_of(version.operations.begin(), version.operations.end(),
                      [&](const Operation& operation) { return operation.on == used; });
      if (said || left_alone_.contains(used)) continue;
      Operation operation;
      operation.name = "uses " + context_.plan.services[used].name;
      operation.span = version.span;
      operation.on = used;
      operation.type = Operation::Type::write;
      operation.subject =
          fmt::format("unknown of {}@{}", context_.plan.services[app_].name, version.name);
      version.operations.push_back(std::move(operation));
    }
  }

  void read_part(Version& version, const Node& body, const Node::Entry& part) {
    if (part.key == "artefact") {
      version.artefact = context_.text(part.value);
    } else if (is_traffic(part.key)) {
      read_traffic(version, part);
    } else if (part.key == "note") {
      context_.text(part.value);
    } else if (const FieldSpec* field = version_field(part.key)) {
      context_.field(*field, part.value, app_);
      version.extra.entries.push_back(part);
    } else if (const KindSpec* kind = context_.kinds[app_]) {
      std::vector<std::string> known;
      for (const KeySpec& key : keys_of(SectionId::version)) known.emplace_back(key.name);
      for (const FieldSpec& field : kind->version_fields) known.push_back(field.name);
      context_.unknown_key(body, part, known);
    }
  }

  static bool is_traffic(std::string_view key) {
    return key == "operations" || key == "accepts" || key == "inserts" || key == "reads" ||
           key == "requires" || key == "writes" || key == "puts" || key == "takes";
  }

  void read_traffic(Version& version, const Node::Entry& part) {
    // Kept as they are written: services/traffic.hpp says which versions are silent.
    if (part.value.is_unknown() || (part.key == "operations" && part.value.text == "none")) {
      version.extra.entries.push_back(part);
      if (part.value.is_unknown() && part.key != "operations") add_unknown_formats(version, part);
    } else if (part.key == "operations") {
      read_operations(version, part.value);
    } else if (part.key == "requires") {
      read_requires(version, part.value);
    } else if (part.key == "writes" || part.key == "puts" || part.key == "takes") {
      read_formats(version, part);
    } else {
      read_lists(version, part);
    }
  }

  const FieldSpec* version_field(std::string_view name) const {
    if (context_.kinds[app_] == nullptr) return nullptr;
    for (const FieldSpec& field : context_.kinds[app_]->version_fields) {
      if (field.name == name) return &field;
    }
    return nullptr;
  }

  ServiceIndex only(const std::vector<ServiceIndex>& found, const Span& span,
                    std::string_view what) {
    if (found.size() == 1) return found.front();
    std::vector<std::string> names;
    for (const ServiceIndex i : found) names.push_back(context_.plan.services[i].name);
    context_.mistake(
        span,
        found.empty()
            ? fmt::format("service '{}' uses no {}", context_.plan.services[app_].name, what)
            : fmt::format("service '{}' uses several services that may be meant: {}",
                          context_.plan.services[app_].name, fmt::join(names, ", ")),
        found.empty() ? "name it under 'uses'" : "write the long form with `on: <service>`");
    return kNone;
  }

  ServiceIndex database(const Span& span) {
    auto found = candidates(context_, app_, {"postgres"});
    if (found.empty()) found = candidates(context_, app_, {"sqlite"});
    return only(found, span, "database");
  }

  void read_operations(Version& version, const Node& operations) {
    if (!context_.is_map(operations, "'operations'")) return;
    for (const Node::Entry& entry : operations.entries) {
      if (is_unsaid(version, entry.value)) continue;
      if (!context_.is_map(entry.value, fmt::format("operation '{}'", entry.key))) continue;
      if (auto operation = read_operation(version, entry))
        version.operations.push_back(std::move(*operation));
    }
  }

  std::optional<Operation> read_operation(Version& version, const Node::Entry& entry) {
    static const std::vector<std::pair<std::string_view, Operation::Type>> kTypes = {
        {"sql", Operation::Type::sql},
        {"write", Operation::Type::write},
        {"event", Operation::Type::event},
        {"flag", Operation::Type::flag},
        {"require", Operation::Type::require}};
    static const std::vector<std::string> kKeys = {"sql", "write",  "event", "flag", "require",
                                                   "on",  "fields", "is",    "note"};
    Operation operation;
    operation.name = entry.key;
    operation.span = entry.key_span;
    const Node* subject = nullptr;
    int types = 0;
    for (const auto& [key, type] : kTypes) {
      if (const Node* found = entry.value.find(key)) {
        subject = found;
        operation.type = type;
        ++types;
      }
    }
    for (const Node::Entry& part : entry.value.entries) {
      if (std::find(kKeys.begin(), kKeys.end(), part.key) == kKeys.end())
        context_.unknown_key(entry.value, part, kKeys);
    }
    if (types != 1) {
      context_.mistake(
          entry.key_span,
          fmt::format("operation '{}' needs exactly one of sql, write, event, flag, require",
                      entry.key));
      return std::nullopt;
    }
    for (const Node::Entry& part : entry.value.entries) {
      if (part.key != "note" && is_unsaid(version, part.value)) return std::nullopt;
    }
    if (const Node* fields = entry.value.find("fields"); fields != nullptr)
      operation.fields = context_.texts(*fields);
    fill(operation, *subject, entry.value);
    return operation;
  }

  /// What the subject of an operation is.
  static std::string_view what_of(Operation::Type type) {
    switch (type) {
      case Operation::Type::sql:
        return "an SQL statement";
      case Operation::Type::write:
        return "what it writes";
      case Operation::Type::event:
        return "the name of an event";
      case Operation::Type::flag:
        return "the name of a flag";
      case Operation::Type::require:
        return "a fact";
    }
    return "a name";
  }

  std::string statement(const Node& node) {
    std::string text = context_.name(node, what_of(Operation::Type::sql));
    if (!text.empty() && text.find_first_not_of(" \t\r\n;") == std::string::npos) {
      context_.mistake(node.span, "expected an SQL statement, not blanks alone",
                       "write `unknown` where nobody says which");
    }
    return text;
  }

  void fill(Operation& operation, const Node& subject, const Node& body) {
    const std::string text = operation.type == Operation::Type::sql
                                 ? statement(subject)
                                 : context_.name(subject, what_of(operation.type));
    (operation.type == Operation::Type::sql ? operation.sql : operation.subject) = text;
    if (operation.type == Operation::Type::require) {
      const Node* is = body.find("is");
      const std::vector<std::string> good =
          is == nullptr ? std::vector<std::string>{"*"} : context_.texts(*is);
      operation.expect = fmt::format("{}", fmt::join(good, " or "));
      if (good.size() > 1) operation.values = good;
    }
    if (const Node* on = body.find("on")) {
      operation.on = context_.service(*on);
      return;
    }
    switch (operation.type) {
      case Operation::Type::sql:
        operation.on = database(subject.span);
        break;
      case Operation::Type::write:
        operation.on =
            only(candidates(context_, app_,
                            {"sqlite", "vector_store", "config", "cache", "queue", "object_store",
                             "search_index", "mysql", "mongodb", "dynamodb", "database"}),
                 subject.span, "store");
        break;
      case Operation::Type::event:
        operation.on = webhook(text, subject.span);
        break;
      case Operation::Type::flag:
        operation.on = only(candidates(context_, app_, {"flags"}), subject.span, "flags");
        break;
      case Operation::Type::require:
        split_fact(operation, subject.span);
        break;
    }
  }

  /// `service.fact.path` without `on`: the first word is the service.
  void split_fact(Operation& operation, const Span& span) {
    const std::size_t dot = operation.subject.find('.');
    const ServiceIndex named = context_.plan.find_service(operation.subject.substr(0, dot));
    if (dot != std::string::npos && named != kNone) {
      operation.on = named;
      operation.subject.erase(0, dot + 1);
    } else {
      operation.on = database(span);
    }
  }

  ServiceIndex webhook(std::string_view event, const Span& span) {
    return only(webhooks(context_, *services_, app_, event), span,
                fmt::format("webhook for '{}'", event));
  }

  /// Whether a service keeps entries in formats: its kind says what becomes of a foreign one.
  bool keeps_entries(ServiceIndex service) const {
    if (service == kNone || context_.kinds[service] == nullptr) return false;
    const std::vector<FieldSpec>& fields = context_.kinds[service]->fields;
    return std::any_of(fields.begin(), fields.end(),
                       [](const FieldSpec& field) { return field.name == "foreign"; });
  }

  /// `writes: {service: format}`, `takes: {service: [formats]}`.
  void read_formats(Version& version, const Node::Entry& part) {
    if (!context_.is_map(part.value, fmt::format("'{}'", part.key))) return;
    for (const Node::Entry& entry : part.value.entries) {
      add_formats(version, part.key, entry);  // a format may be `unknown`: that is a format, too
    }
  }

  /// What is unknown of all stores with formats that the app uses (of all there are, when it names
  /// none) is unknown of each.
  void add_unknown_formats(Version& version, const Node::Entry& part) {
    if (part.key == "accepts" || part.key == "inserts" || part.key == "requires") return;
    std::vector<ServiceIndex> stores = context_.plan.services[app_].uses;
    std::erase_if(stores, [&](ServiceIndex used) { return !keeps_entries(used); });
    for (ServiceIndex i = 0; i < context_.plan.services.size(); ++i) {
      const bool is_other = part.key != "reads" && context_.plan.services[app_].uses.empty();
      if (is_other && keeps_entries(i)) stores.push_back(i);
    }
    for (const ServiceIndex store : stores)
      add_formats(version, part.key,
                  {context_.plan.services[store].name, part.key_span, part.value});
  }

  void add_formats(Version& version, const std::string& word, const Node::Entry& entry) {
    const ServiceIndex on = context_.plan.find_service(entry.key);
    if (!keeps_entries(on)) {
      std::vector<std::string> known;
      for (ServiceIndex i = 0; i < context_.plan.services.size(); ++i) {
        if (keeps_entries(i)) known.push_back(context_.plan.services[i].name);
      }
      std::string hint = did_you_mean(entry.key, known);
      if (on != kNone) {
        const bool takes = word == "reads" || word == "takes";
        hint = fmt::format(
            "say it as an operation: `operations: {{NAME: {{{}, on: {}}}}}`{}",
            takes ? "require: FACT" : "write: row", entry.key,
            known.empty() ? "" : fmt::format("; formats have {}", fmt::join(known, ", ")));
      }
      context_.mistake(entry.key_span, fmt::format("'{}' keeps no entries in formats", entry.key),
                       hint);
      return;
    }
    const std::vector<std::string> formats = entry.value.is_unknown()
                                                 ? std::vector<std::string>{"unknown"}
                                                 : context_.texts(entry.value);
    const bool reads = word == "reads" || word == "takes";
    if (formats.empty() || (formats.size() == 1 && formats.front() == "none")) {
      left_alone_.insert(on);  // it is said: nothing
      return;
    }
    for (std::size_t i = 0; i < formats.size() && (!reads || i == 0); ++i) {
      Operation operation;
      operation.name = i == 0 ? fmt::format("{} {}", word, entry.key)
                              : fmt::format("{} {} as {}", word, entry.key, formats[i]);
      operation.span = entry.key_span;
      operation.on = on;
      operation.type = reads ? Operation::Type::require : Operation::Type::write;
      operation.subject = reads ? "formats" : formats[i];
      if (reads) {
        operation.values = formats;
        operation.expect = fmt::format("{}", fmt::join(formats, " or "));
      }
      version.operations.push_back(std::move(operation));
    }
  }

  /// Whether a value is unknown, or one in its list is: what it belongs to is not said.
  static bool is_unsaid(Version& version, const Node& value) {
    const auto unknown = std::ranges::find_if(value.items, &Node::is_unknown);
    if (!value.is_unknown() && unknown == value.items.end()) return false;
    version.extra.entries.push_back(
        {"operations", value.span, value.is_unknown() ? value : *unknown});
    return true;
  }

  void read_lists(Version& version, const Node::Entry& part) {
    if (!context_.is_map(part.value, fmt::format("'{}'", part.key))) return;
    for (const Node::Entry& entry : part.value.entries) {
      if (part.key == "reads" && keeps_entries(context_.plan.find_service(entry.key))) {
        add_formats(version, part.key, entry);
        continue;
      }
      if (is_unsaid(version, entry.value)) continue;
      Operation operation;
      operation.name = fmt::format("{} {}", part.key, entry.key);
      operation.span = entry.key_span;
      const std::vector<std::string> names = context_.texts(entry.value);
      if (part.key == "accepts") {
        operation.type = Operation::Type::event;
        operation.subject = entry.key;
        operation.fields = names;
        operation.on = webhook(entry.key, entry.key_span);
      } else {
        std::vector<std::string> columns;
        std::vector<std::string> values;
        for (const std::string& name : names) {
          columns.push_back(sql_name(name));
          // What is no name in SQL names no placeholder, either.
          values.push_back(columns.back() == name ? ":" + name
                                                  : fmt::format(":v{}", values.size()));
        }
        const std::string table = sql_name(entry.key);
        operation.sql = part.key == "reads"
                            ? fmt::format("SELECT {} FROM {}", fmt::join(columns, ", "), table)
                            : fmt::format("INSERT INTO {} ({}) VALUES ({})", table,
                                          fmt::join(columns, ", "), fmt::join(values, ", "));
        operation.on = database(entry.key_span);
      }
      version.operations.push_back(std::move(operation));
    }
  }

  void read_requires(Version& version, const Node& body) {
    if (!context_.is_map(body, "'requires'")) return;
    context_.keys(body, SectionId::requires_, "'requires'");
    for (const Node::Entry& part : body.entries) {
      if (find_key(SectionId::requires_, part.key) == nullptr) continue;
      const std::vector<Node> one = {part.value};
      for (const Node& item : part.value.type == Node::Type::list ? part.value.items : one) {
        if (is_unsaid(version, item)) continue;
        if (auto operation = requirement(part.key, item))
          version.operations.push_back(std::move(*operation));
      }
    }
  }

  std::optional<Operation> requirement(std::string_view list, const Node& item) {
    Operation operation;
    const std::string name = context_.text(item);
    if (name.empty()) return std::nullopt;
    operation.name = fmt::format("requires {} {}", list, name);
    operation.type = Operation::Type::require;
    operation.span = item.span;
    operation.expect = "*";
    if (list == "flags") {
      operation.type = Operation::Type::flag;
      operation.subject = name;
      operation.on = only(candidates(context_, app_, {"flags"}), item.span, "flags");
    } else if (list == "config") {
      operation.subject = "items." + name;
      operation.on = only(candidates(context_, app_, {"config"}), item.span, "config");
    } else if (list == "tables") {
      operation.subject = "tables." + name;
      operation.on = database(item.span);
    } else {
      const std::size_t dot = name.rfind('.');
      if (dot == std::string::npos) {
        context_.mistake(item.span, fmt::format("'{}' names no column", name),
                         "write table.column");
        return std::nullopt;
      }
      operation.subject =
          fmt::format("tables.{}.columns.{}", name.substr(0, dot), name.substr(dot + 1));
      if (list != "columns") {
        operation.subject += ".not_null";
        operation.expect = list == "not_null" ? "true" : "false";
      }
      operation.on = database(item.span);
    }
    return operation;
  }

  LoadContext& context_;
  ServiceIndex app_;
  std::set<ServiceIndex> left_alone_;  ///< stores of which the version says `none`
  const Node* services_ = context_.services_node;
};

}  // namespace

void read_versions(LoadContext& context, ServiceIndex app, const Node& versions) {
  if (!context.is_map(versions, "'versions'")) return;
  for (const Node::Entry& entry : versions.entries) {
    context.plan.services[app].versions.push_back(VersionReader(context, app).read(entry));
  }
}

}  // namespace backout::model
