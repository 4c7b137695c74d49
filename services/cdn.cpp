// A cache at the edge, in front of apps: a CDN, a proxy, the browsers of users.
//
// What the real thing does: it keeps what the app answered under the name of the file, for hours, whatever the app
// answers since. After a rollback it goes on with the files of the bad version until they expire or are purged; files
// whose names carry a digest of their content (`immutable`) never mix. What it keeps, and for whom, its own rules say; a change
// of them leaves the copies that were made under the rules before (Loom 2023-03-07: answers with session cookies, kept by a changed rule, had
// to be thrown away). Sources: RFC 9111 4.2 (a fresh copy is served without asking) and 4.4 (nothing but a change through the same cache ends it sooner); Cloudflare "Purge cache",
// Amazon CloudFront "Invalidating files", Fastly "Purging". What this fake leaves out: single files, the moment at which a copy expires, stale
// copies of the old version while the new one is deployed.
//
// Facts: copies.<app> (the versions of which there are copies, in the order in which they came), rules.<key>, made_under.<key> (the
// values of a rule under which there are copies, once it was changed).
#include "services/cdn.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec cdn_spec() {
  return {"cdn",
          "A cache at the edge that keeps what apps answered.",
          false,
          {field("fronts", ValueType::services, "Apps in front of which it stands.", true),
           field("ttl", ValueType::duration, "How long it keeps a copy."),
           field("immutable", ValueType::boolean, "Names carry a digest of the content: no copy is ever wrong."),
           field("rules", ValueType::map, "key: value before the deploy. What it keeps, under which key and for how long: cache rules, VCL, behaviours."),
           field("provider", ValueType::string, "Who runs it."),
           field("location", ValueType::string, "Failure domain that it lives in.")},
          {{"purge",
            {field("path", ValueType::string, "What is purged (default: everything)."), command_field()},
            "Throws the copies away."},
           {"set",
            {field("key", ValueType::string, "The rule.", true), field("value", ValueType::string, "Its value.", true), command_field()},
            "Changes a rule of what it keeps; copies that are there stay."},
           {"unset", {field("key", ValueType::string, "The rule.", true), command_field()}, "Removes a rule; copies that are there stay."}},
          {},
          {"edge_cache", "cloudfront", "fastly"}};
}

std::vector<ServiceIndex> fronted(const Plan& plan, ServiceIndex cdn) {
  return named_services(plan, plan.services[cdn].fields, "fronts");
}

bool keeps(const Plan& plan, ServiceIndex service) {
  return plan.services[service].kind == "cdn" && !plan.services[service].fields.flag("immutable");
}

/// The cache with a copy of what each app behind it serves; `anew`: of nothing else.
Record filled(const Context& context, const World& world, ServiceIndex cdn, bool anew) {
  Record next = world.record(cdn);
  for (const ServiceIndex app : fronted(context.plan(), cdn)) {
    const std::string fact = "copies." + context.plan().services[app].name;
    std::vector<std::string> copies = anew ? std::vector<std::string>{} : split_list(next.get(fact));
    for (const std::string& version : context.kind(app).live_versions(context, world, app)) {
      if (std::ranges::find(copies, version) == copies.end()) copies.push_back(version);
    }
    next = next.with(fact, join_list(copies));
  }
  return next;
}

/// What stands for a rule that is not there in a list of values.
constexpr const char* kNoRule = "(none)";

std::string rule_of(const Record& record, const std::string& key) { return record.has("rules." + key) ? record.get("rules." + key) : kNoRule; }

/// A value as an item of a list.
std::string item_of(std::string value) {
  std::ranges::replace(value, ',', ';');
  return value;
}

/// A rule is another one, or none: what was kept under the one before is still there, and so it is the other way round.
Outcome change_rule(const Context& context, const World& world, const Action& action) {
  const Record& now = world.record(action.service);
  const std::string key = action.args.text("key");
  const std::string value = action.verb == "set" ? action.args.text("value") : kNoRule;
  if (value == "unknown") return Outcome::opaque("what the rule is then, the plan does not say");
  if (value == rule_of(now, key)) return Outcome::done();
  Record next = value == kNoRule ? now.without("rules." + key) : now.with("rules." + key, value);
  if (!keeps(context.plan(), action.service)) return Outcome::done().set(action.service, next);
  std::vector<std::string> under = now.has("made_under." + key) ? split_list(now.get("made_under." + key)) : std::vector{item_of(rule_of(now, key))};
  const std::string item = item_of(value);
  if (std::ranges::find(under, item) == under.end()) under.push_back(item);
  return Outcome::done().set(action.service, next.with("made_under." + key, join_list(under)));
}

/// `record` without copies that were made under rules that do not hold any more. A rule that is as before the deploy needs no note.
Record made_anew(const Context& context, ServiceIndex cdn, const Record& record) {
  Record next = without_area(record, "made_under");
  const model::Node* rules = context.plan().services[cdn].fields.find("rules");
  for (const auto& [fact, was] : record.facts()) {
    if (!fact.starts_with("made_under.")) continue;
    const std::string key = fact.substr(std::string("made_under.").size());
    const model::Node* first = rules == nullptr ? nullptr : rules->find(key);
    const std::string before = first == nullptr ? kNoRule : first->text;
    if (rule_of(record, key) != before) next = next.with(fact, item_of(rule_of(record, key)));
  }
  return next;
}

class CdnKind : public RecordKind {
 public:
  CdnKind() : RecordKind(cdn_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    Record record;
    if (const model::Node* rules = context.plan().services[self].fields.find("rules")) {
      for (const model::Node::Entry& entry : rules->entries) record = record.with("rules." + entry.key, entry.value.text);
    }
    if (!keeps(context.plan(), self)) return record.share();
    for (const ServiceIndex app : fronted(context.plan(), self)) {
      record = record.with("copies." + context.plan().services[app].name, context.plan().services[app].start);
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    if (action.verb == "set" || action.verb == "unset") return change_rule(context, world, action);
    if (action.verb != "purge") unhandled(spec(), action, "apply");
    if (!keeps(context.plan(), action.service)) return Outcome::done();
    const std::string path = action.args.text_or("path", "*");
    const bool everything = is_one_of(path, {"*", "/", "/*", "/**", "all", "everything"});
    const Record next = made_anew(context, action.service, filled(context, world, action.service, true));
    if (everything || next.equals(world.record(action.service))) return Outcome::done().set(action.service, next);
    return Outcome::opaque(fmt::format("whether '{}' is all of which there are copies, the plan does not say", path)).set(action.service, next);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print{{}, {resource(context, action.service)}};
    for (const ServiceIndex app : fronted(context.plan(), action.service)) print.reads.push_back(resource(context, app));
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    if (action.verb == "set" || action.verb == "unset") {
      const Record& now = before.record(action.service);
      const std::string key = action.args.text("key");
      const Outcome changed = change_rule(context, before, action);
      if (!changed.ok()) return {};
      if (changed.changes.empty()) return {Undo::Class::exact, "", {}};
      Action back = now.has("rules." + key) ? same_service(action, "set", {{"key", key}, {"value", now.get("rules." + key)}})
                                            : same_service(action, "unset", {{"key", key}});
      if (!keeps(context.plan(), action.service)) return {Undo::Class::exact, "", {std::move(back)}};
      return {Undo::Class::conditional, "what it kept meanwhile is purged, too", {std::move(back), same_service(action, "purge", {})}};
    }
    if (action.verb != "purge") return {};
    return {Undo::Class::conditional, "the copies fill again by themselves", {}};
  }

  Traits traits(const Context&, const Action&) const override { return {}; }
};

}  // namespace

void fill_caches(const Context& context, const World& world, Outcome& outcome) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (!keeps(plan, i)) continue;
    const World now = with_changes(world, outcome.changes);
    const Record next = filled(context, now, i, false);
    if (!next.equals(now.record(i))) outcome.set(i, next);
  }
}

void add_caches(const Context& context, Footprint& print) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (!keeps(plan, i)) continue;
    Footprint own{{}, {resource(context, i)}};
    for (const ServiceIndex app : fronted(plan, i)) own.reads.push_back(resource(context, app));
    if (!conflict(print, own)) continue;
    print.reads.insert(print.reads.end(), own.reads.begin(), own.reads.end());
    print.writes.insert(print.writes.end(), own.writes.begin(), own.writes.end());
  }
}

const Kind& kind_cdn() {
  static const CdnKind kKind;
  return kKind;
}

}  // namespace backout::services
