// A cache at the edge, in front of apps: a CDN, a proxy, the browsers of users.
//
// What the real thing does: it keeps what the app answered under the name of the file, for hours,
// whatever the app answers since. After a rollback it goes on with the files of the bad version
// until they expire or are purged; files whose names carry a digest of their content (`immutable`)
// never mix. What it keeps, and for whom, its own rules say; a change of them leaves the copies
// that were made under the rules before (Loom 2023-03-07: answers with session cookies, kept by a
// changed rule, had to be thrown away). Sources: RFC 9111 4.2 (a fresh copy is served without
// asking) and 4.4 (nothing but a change through the same cache ends it sooner); Cloudflare "Purge
// cache", Amazon CloudFront "Invalidating files", Fastly "Purging". What this fake leaves out:
// single files, the moment at which a copy expires, stale copies of the old version while the new
// one is deployed.
//
// Facts: copies.<app> (the versions of which there are copies, in the order in which they came),
// rules.<key>, made_under.<key> (the values of a rule under which there are copies, once it was
// changed).
#include "services/cdn.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "model/duration.hpp"
#include "services/app.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kCdnKey = TextArg("key", "The rule.").required();
constexpr TextArg kCdnPath{"path", "What is purged (default: everything)."};
constexpr TextArg kCdnValue = TextArg("value", "Its value.").required();

std::vector<ServiceIndex> fronted(const Plan& plan, ServiceIndex cdn) {
  return named_services(plan, plan.services[cdn].fields, "fronts");
}

bool keeps(const Plan& plan, ServiceIndex service) {
  const model::Service& self = plan.services[service];
  if (self.kind != "cdn" || self.fields.flag("immutable")) return false;
  const auto ttl = model::parse_duration(self.fields.text("ttl"));
  return !ttl || ttl->unknown || ttl->high_ms > 0;
}

/// The cache with a copy of what each app behind it serves; `anew`: of nothing else.
Record filled(const Context& context, const World& world, ServiceIndex cdn, bool anew) {
  Record next = world.record(cdn);
  for (const ServiceIndex app : fronted(context.plan(), cdn)) {
    const std::string fact = "copies." + context.plan().services[app].name;
    std::vector<std::string> copies =
        anew ? std::vector<std::string>{} : split_list(next.get(fact));
    for (const std::string& version : context.kind(app).live_versions(context, world, app)) {
      if (std::ranges::find(copies, version) == copies.end()) copies.push_back(version);
    }
    next = next.with(fact, join_list(copies));
  }
  return next;
}

/// What stands for a rule that is not there in a list of values.
constexpr const char* kNoRule = "(none)";

std::string rule_of(const Record& record, const std::string& key) {
  return record.has("rules." + key) ? record.get("rules." + key) : kNoRule;
}

/// A value as an item of a list.
std::string as_item(std::string value) {
  std::ranges::replace(value, ',', ';');
  return value;
}

/// A rule is another one, or none: what was kept under the one before is still there, and so it is
/// the other way round.
Outcome change_rule(const Call& call, const std::string& value) {
  const Record& now = call.now;
  const std::string key = call.arg(kCdnKey);
  if (value == "unknown") return Outcome::opaque("what the rule is then, the plan does not say");
  if (value == rule_of(now, key)) return Outcome::done();
  Record next = value == kNoRule ? now.without("rules." + key) : now.with("rules." + key, value);
  if (!keeps(call.context.plan(), call.action.service)) return call.becomes(next);
  std::vector<std::string> under = now.has("made_under." + key)
                                       ? split_list(now.get("made_under." + key))
                                       : std::vector{as_item(rule_of(now, key))};
  const std::string item = as_item(value);
  if (std::ranges::find(under, item) == under.end()) under.push_back(item);
  return call.becomes(next.with("made_under." + key, join_list(under)));
}

/// `record` without copies that were made under rules that do not hold any more. A rule that is as
/// before the deploy needs no note.
Record made_anew(const Context& context, ServiceIndex cdn, const Record& record) {
  Record next = without_area(record, "made_under");
  const model::Node* rules = context.plan().services[cdn].fields.find("rules");
  for (const auto& [fact, was] : record.facts()) {
    if (!fact.starts_with("made_under.")) continue;
    const std::string key = fact.substr(std::string("made_under.").size());
    const model::Node* first = rules == nullptr ? nullptr : rules->find(key);
    const std::string before = first == nullptr ? kNoRule : first->text;
    if (rule_of(record, key) != before) next = next.with(fact, as_item(rule_of(record, key)));
  }
  return next;
}

Outcome set_rule(const Call& call) { return change_rule(call, call.arg(kCdnValue)); }
Outcome unset_rule(const Call& call) { return change_rule(call, kNoRule); }

Undo undo_rule(const Call& call, const Outcome& changed) {
  if (!changed.ok()) return {};
  if (changed.changes.empty()) return nothing_to_undo();
  const std::string key = call.arg(kCdnKey);
  Undo back = call.now.has("rules." + key)
                  ? call.back("set", {{kCdnKey.name(), key},
                                      {kCdnValue.name(), call.now.get("rules." + key)}})
                  : call.back("unset", {{kCdnKey.name(), key}});
  if (!keeps(call.context.plan(), call.action.service)) return back;
  back.kind = Undo::Class::conditional;
  back.why = "what it kept meanwhile is purged, too";
  back.actions.push_back(same_service(call.action, "purge", {}));
  return back;
}

Outcome purge(const Call& call) {
  if (!keeps(call.context.plan(), call.action.service)) return Outcome::done();
  const std::string path = kCdnPath.in(call.action.args, "*");
  const bool everything = is_one_of(path, {"*", "/", "/*", "/**", "all", "everything"});
  const Record next = made_anew(call.context, call.action.service,
                                filled(call.context, call.world, call.action.service, true));
  if (everything || next.equals(call.now)) return call.becomes(next);
  return Outcome::opaque(
             fmt::format("whether '{}' is all of which there are copies, the plan does not say",
                         path))
      .set(call.action.service, next);
}

/// It is another cache then, of what those answer whom it fronts.
Footprint refilled(const Context& context, ServiceIndex self) {
  Footprint print{{}, {resource(context, self)}};
  for (const ServiceIndex app : fronted(context.plan(), self))
    print.reads.push_back(resource(context, app));
  std::sort(print.reads.begin(), print.reads.end());
  return print;
}

std::vector<VerbRow> verbs_of_cdn() {
  return {{{"purge", {kCdnPath}, "Throws the copies away."},
           purge,
           [](const Call&) {
             return Undo{Undo::Class::conditional, "the copies fill again by themselves", {}};
           },
           no_traits},
          {{"set",
            {kCdnKey, kCdnValue},
            "Changes a rule of what it keeps; copies that are there stay."},
           set_rule,
           [](const Call& call) { return undo_rule(call, set_rule(call)); },
           no_traits},
          {{"unset", {kCdnKey}, "Removes a rule; copies that are there stay."},
           unset_rule,
           [](const Call& call) { return undo_rule(call, unset_rule(call)); },
           no_traits}};
}

Record initial_cdn(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
  Record record;
  if (const model::Node* rules = context.plan().services[self].fields.find("rules")) {
    for (const model::Node::Entry& entry : rules->entries)
      record = record.with("rules." + entry.key, entry.value.text);
  }
  if (!keeps(context.plan(), self)) return record;
  for (const ServiceIndex app : fronted(context.plan(), self)) {
    record = record.with("copies." + context.plan().services[app].name,
                         context.plan().services[app].start);
  }
  return record;
}

KindRow cdn_row() {
  KindRow row;
  row.name = "cdn";
  row.help = "A cache at the edge that keeps what apps answered.";
  row.fields = {field("fronts", ValueType::services, "Apps in front of which it stands.", true),
                field("ttl", ValueType::duration, "How long it keeps a copy; 0s: none."),
                field("immutable", ValueType::boolean,
                      "Names carry a digest of the content: no copy is ever wrong."),
                field("rules", ValueType::map,
                      "key: value before the deploy. What it keeps, under which key and for how "
                      "long: cache rules, VCL, behaviours."),
                field("provider", ValueType::string, "Who runs it."),
                field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = verbs_of_cdn();
  row.aliases = {"edge_cache", "cloudfront", "fastly"};
  row.features.acts_by_itself = true;
  row.features.keeps_answers = true;
  row.initial = initial_cdn;
  row.footprint = [](const Context& context, const Action& action) {
    return refilled(context, action.service);
  };
  return row;
}

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
    const Footprint own = refilled(context, i);
    if (!conflict(print, own)) continue;
    print.reads.insert(print.reads.end(), own.reads.begin(), own.reads.end());
    print.writes.insert(print.writes.end(), own.writes.begin(), own.writes.end());
  }
}

const Kind& kind_cdn() {
  static const std::unique_ptr<const Kind> kKind = make_kind(cdn_row());
  return *kKind;
}

}  // namespace backout::services
