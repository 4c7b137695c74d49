// What live versions do with entries in formats: put them, and meet those that are there.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/amend.hpp"
#include "services/entries.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

/// The version that an operation belongs to.
const model::Version* owner(const Plan& plan, const Operation& operation) {
  for (const model::Service& service : plan.services) {
    for (const model::Version& version : service.versions) {
      for (const Operation& each : version.operations) {
        if (&each == &operation) return &version;
      }
    }
  }
  return nullptr;
}

bool any_unknown(const std::vector<std::string>& formats) {
  return std::ranges::any_of(formats, is_unknown_format);
}

/// The first version of which nobody says what it does to a store: "web@v1"; empty where a format
/// is unknown for another reason.
std::string who_says_nothing(const std::vector<std::string>& foreign,
                             const std::vector<std::string>& formats) {
  constexpr std::string_view kUnsaid = "unknown of ";
  std::string who;
  for (const std::vector<std::string>* all : {&formats, &foreign}) {
    for (const std::string& format : *all) {
      if (!is_unknown_format(format)) continue;
      if (!format.starts_with(kUnsaid)) return {};
      if (who.empty()) who = format.substr(kUnsaid.size());
    }
  }
  return who;
}

bool is_read(const Operation& operation) {
  return operation.type == Operation::Type::require && operation.subject == kFormats;
}

/// What a registry's mode adds: the neighbours of what is read, or all of one side.
void add_by_registry(const model::Service& store, std::vector<std::string>& formats) {
  const std::string mode = store.fields.text("compatibility");
  const std::vector<std::string> order = store.fields.strings("schemas");
  if (mode.empty() || mode == "none" || mode == "unknown") return;
  const bool later = mode.starts_with("forward") || mode.starts_with("full");
  const bool earlier = mode.starts_with("backward") || mode.starts_with("full");
  const bool all = mode.ends_with("transitive");
  const std::vector<std::string> said = formats;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!holds(said, order[i])) continue;
    for (std::size_t j = 0; j < order.size(); ++j) {
      const std::size_t apart = i < j ? j - i : i - j;
      const bool reached = (all || apart == 1) && ((later && j > i) || (earlier && j < i));
      if (reached && !holds(formats, order[j])) formats.push_back(order[j]);
    }
  }
}

/// The formats that a version reads from `service`; what it writes, when it does not say.
std::vector<std::string> read_by(const Plan& plan, const model::Version& version,
                                 ServiceIndex service) {
  std::vector<std::string> reads;
  std::vector<std::string> writes;
  for (const Operation& operation : version.operations) {
    if (operation.on != service) continue;
    if (operation.type == Operation::Type::write) writes.push_back(operation.subject);
    if (!is_read(operation)) continue;
    if (operation.values.empty())
      reads.push_back(operation.expect);
    else
      reads.insert(reads.end(), operation.values.begin(), operation.values.end());
  }
  std::vector<std::string> formats = reads.empty() ? writes : reads;
  // The version before the deploy reads what is there before the deploy, whatever else it does not
  // say.
  for (const model::Service& app : plan.services) {
    const bool is_start = app.find_version(app.start) == &version;
    if (!is_start || !reads.empty() || !any_unknown(writes)) continue;
    for (const std::string& format : formats_in(with_entries(plan, service, Record())))
      formats.push_back(format);
  }
  add_by_registry(plan.services[service], formats);
  return formats;
}

/// What a reader takes for a miss it makes anew, where it can. What cannot be made anew it does not
/// find: the sessions of everybody who logged in since (`as_found`).
Outcome miss_entries(const Operation& operation, const model::Service& store, const Record& now) {
  if (store.fields.has(kRebuilds) && !store.fields.is_unknown(kRebuilds)) return Outcome::done();
  return Outcome::opaque(fmt::format("whether what a reader of '{}' takes for a miss can be made "
                                     "anew, the plan does not say (`rebuilds`)",
                                     store.name))
      .set(operation.on, now.with("seen_unknown", "true"));
}

/// Where a store keeps its entries: an index, what its alias shows.
std::string area_of_entries(const Record& now) {
  return now.has("docs") ? "docs." + now.get("alias") + '.' : std::string("entries.");
}

Outcome read_entries(const Context& context, const World& world, const Operation& operation) {
  const Plan& plan = context.plan();
  const model::Service& store = plan.services[operation.on];
  const model::Version* version = owner(plan, operation);
  const Record& now = world.record(operation.on);
  if (version == nullptr || now.get("paused") == "true") return Outcome::done();
  const std::vector<std::string> formats = read_by(plan, *version, operation.on);
  if (holds(formats, "*")) return Outcome::done();
  std::vector<std::string> foreign;
  for (const std::string& format : formats_to_come(now)) {
    if (!holds(formats, format)) foreign.push_back(format);
  }
  if (foreign.empty()) return Outcome::done();
  if (store.fields.is_unknown(kForeign)) {
    return Outcome::opaque(fmt::format("what becomes of a format of '{}' that its reader does not "
                                       "read, the plan does not say (`foreign`)",
                                       store.name))
        .set(operation.on, now.with("seen_unknown", "true"));
  }
  const std::string how = store.fields.text(kForeign);
  if (how == kMiss && (store.fields.flag(kRebuilds) || !any_unknown(foreign)))
    return miss_entries(operation, store, now);
  if (const std::string who = who_says_nothing(foreign, formats); !who.empty()) {
    const std::size_t at = who.rfind('@');
    return Outcome::opaque(fmt::format("what {} writes to '{}' and reads there, the plan does not "
                                       "say (`writes`, `reads`, `writes: {{{}: none}}` of '{}')",
                                       who, store.name, store.name, who.substr(0, at)))
        .set(operation.on, now.with("seen_unknown", "true"));
  }
  if (any_unknown(foreign) || any_unknown(formats)) {
    return Outcome::opaque(fmt::format("of which format the entries of '{}' are, the plan does not "
                                       "say (`writes`, `reads`)",
                                       store.name))
        .set(operation.on, now.with("seen_unknown", "true"));
  }
  return Outcome::refused(fmt::format("it reads {} from '{}', and what is there is of format {}{}",
                                      fmt::join(formats, ", "), store.name,
                                      fmt::join(foreign, ", "),
                                      how == "dead_letter" ? ": it becomes a dead letter" : ""));
}

}  // namespace

bool meets_formats(const Context& context, const Operation& operation) {
  if (operation.on == model::kNone || !has_entries(context.kind(operation.on).spec())) return false;
  const model::Version* version = owner(context.plan(), operation);
  if (version == nullptr || operation.type != Operation::Type::write) return is_read(operation);
  return std::ranges::none_of(version->operations, [&](const Operation& each) {
    return each.on == operation.on && is_read(each);
  });
}

Outcome use_messages(const Context& context, const World& world, const Operation& operation,
                     const std::string& tag) {
  if (operation.type != Operation::Type::write) return read_entries(context, world, operation);
  const std::string format = operation.subject.empty() ? "unknown" : operation.subject;
  return Outcome::done().set(operation.on,
                             world.record(operation.on).with("entries." + tag, format));
}

Outcome use_entries(const Context& context, const World& world, const Operation& operation,
                    const std::string& tag) {
  if (operation.type != Operation::Type::write) return read_entries(context, world, operation);
  if (meets_formats(context, operation)) {
    Outcome outcome = read_entries(context, world, operation);
    if (!outcome.ok()) return outcome;
  }
  return use_messages(context, world, operation, tag);
}

std::vector<std::string> written_now(const Context& context, const World& world,
                                     ServiceIndex service) {
  std::vector<std::string> formats;
  for (const LiveOperation& live : live_operations(context, world)) {
    if (live.operation->on == service && live.operation->type == Operation::Type::write)
      formats.push_back(live.operation->subject);
  }
  return each_once(std::move(formats));
}

std::vector<std::string> read_now(const Context& context, const World& world, ServiceIndex service,
                                  bool& any) {
  std::vector<std::string> formats;
  any = false;
  for (const LiveOperation& live : live_operations(context, world)) {
    if (live.operation->on != service || !is_read(*live.operation)) continue;
    any = true;
    const model::Version* version = context.plan().services[live.app].find_version(live.version);
    for (std::string& format : read_by(context.plan(), *version, service))
      formats.push_back(std::move(format));
  }
  return each_once(std::move(formats));
}

std::vector<std::string> missed_by(const Context& context, const World& world, ServiceIndex service,
                                   ServiceIndex app, const std::vector<std::string>& formats) {
  std::vector<std::string> missed;
  if (context.plan().services[service].fields.text(kForeign) != kMiss) return missed;
  for (const LiveOperation& live : live_operations(context, world)) {
    if (live.operation->on != service || live.app != app) continue;
    const model::Version* version = context.plan().services[app].find_version(live.version);
    const std::vector<std::string> read = read_by(context.plan(), *version, service);
    if (holds(read, "*") || any_unknown(read)) continue;
    for (const std::string& format : formats) {
      if (!is_unknown_format(format) && format != kAnyFormat && !holds(read, format))
        missed.push_back(format);
    }
  }
  return each_once(std::move(missed));
}

bool may_miss(const model::Service& store) {
  return store.fields.text(kForeign) == kMiss && store.fields.has(kRebuilds) &&
         !store.fields.is_unknown(kRebuilds) && !store.fields.flag(kRebuilds);
}

World as_found(const Context& context, const World& world) {
  const Plan& plan = context.plan();
  World found = world;
  for (ServiceIndex store = 0; store < plan.services.size(); ++store) {
    if (!may_miss(plan.services[store])) continue;
    const Record& now = world.record(store);
    const std::string area = area_of_entries(now);
    std::vector<std::string> formats;
    for (const auto& [key, value] : now.facts()) {
      if (key.starts_with(area)) formats.push_back(value);
    }
    std::vector<std::string> missed;
    for (ServiceIndex app = 0; app < plan.services.size(); ++app) {
      for (std::string& each : missed_by(context, world, store, app, formats))
        missed.push_back(std::move(each));
    }
    Amended next = now;
    for (const auto& [key, value] : now.facts()) {
      if (key.starts_with(area) && holds(missed, value)) next.without(key);
    }
    if (!missed.empty()) found = with_changes(found, Outcome::done().set(store, next).changes);
  }
  return found;
}

}  // namespace backout::services
