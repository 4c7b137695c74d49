// A cache at the edge, in front of apps: a CDN, a proxy, the browsers of users.
//
// What the real thing does: it keeps what the app answered under the name of the file, for hours, whatever the app
// answers since. After a rollback it goes on with the files of the bad version until they expire or are purged; files
// whose names carry a digest of their content (`immutable`) never mix. What this fake leaves out: single files, the
// moment at which a copy expires, stale copies of the old version while the new one is deployed.
//
// Facts: copies.<app> (the versions of which there are copies, in the order in which they came).
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
           field("provider", ValueType::string, "Who runs it."),
           field("location", ValueType::string, "Failure domain that it lives in.")},
          {{"purge",
            {field("path", ValueType::string, "What is purged (default: everything)."), command_field()},
            "Throws the copies away."}},
          {},
          {"edge_cache"}};
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

class CdnKind : public RecordKind {
 public:
  CdnKind() : RecordKind(cdn_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    Record record;
    if (!keeps(context.plan(), self)) return record.share();
    for (const ServiceIndex app : fronted(context.plan(), self)) {
      record = record.with("copies." + context.plan().services[app].name, context.plan().services[app].start);
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    if (action.verb != "purge") unhandled(spec(), action, "apply");
    if (!keeps(context.plan(), action.service)) return Outcome::done();
    const std::string path = action.args.text_or("path", "*");
    const bool everything = is_one_of(path, {"*", "/", "/*", "/**", "all", "everything"});
    const Record next = filled(context, world, action.service, true);
    if (everything || next.equals(world.record(action.service))) return Outcome::done().set(action.service, next);
    return Outcome::opaque(fmt::format("whether '{}' is all of which there are copies, the plan does not say", path)).set(action.service, next);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print{{}, {resource(context, action.service)}};
    for (const ServiceIndex app : fronted(context.plan(), action.service)) print.reads.push_back(resource(context, app));
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
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
