// Records of a zone.
//
// What the real thing does: whoever has asked goes on with the old answer until its time to live is
// over, in both directions: a switch back is no faster than the TTL that the bad record was given,
// and what the record pointed at before gets users for as long as that had. A TTL that is lowered
// counts for those who ask from then on; those who asked before keep the longer one. That a record
// is not there is an answer, too: whoever asked between its removal and its return goes on without
// it for the zone's negative TTL (the SOA's last field). Sources: RFC 1035 3.2.1, RFC 2181 5.2, RFC
// 2308 (negative caching). What this fake leaves out: resolvers that keep answers longer, the
// parent zone's own TTL, DNSSEC.
//
// Facts: records.<name>; ttl.<name> and "given.<name> <value>" (the longest TTL with which an
// answer may be about) are not essential.
#include "services/dns.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/duration.hpp"
#include "services/amend.hpp"
#include "services/routing.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kDnsTtl =
    TextArg("ttl", "Its TTL from now on (default: as it was).").of(ValueType::duration);

/// What the facts of a record's answers begin with; the value follows.
std::string given(const std::string& record) { return "given." + record + ' '; }

std::optional<std::int64_t> length_of(const std::string& text) {
  const auto length = model::parse_duration(text);
  return length && !length->unknown ? std::optional(length->high_ms) : std::nullopt;
}

/// The longer of two durations as they are written; one that is unknown is the longest.
const std::string& longer(const std::string& a, const std::string& b) {
  const auto first = length_of(a);
  const auto second = length_of(b);
  if (!first || !second) return first ? b : a;
  return *first < *second ? b : a;
}

std::string ttl_of(const Call& call, const std::string& record) {
  if (!call.now.has("records." + record))
    return call.self.fields.text_or("negative_ttl", "unknown");
  const std::string& own = call.now.get("ttl." + record);
  return own.empty() ? call.self.fields.text_or("ttl", "unknown") : own;
}

/// The record with a note that whoever asks now keeps the answer of now.
Record with_ttl_of_now(const Call& call, const std::string& record) {
  const std::string& value = call.now.get("records." + record);
  const std::string fact = fmt::format("{}{}", given(record), value);
  const std::string ttl = ttl_of(call, record);
  return call.now.with(fact, call.now.has(fact) ? longer(call.now.get(fact), ttl) : ttl);
}

Outcome set_record(const Call& call) {
  const std::string record = call.arg(kDnsRecord);
  Record next = with_ttl_of_now(call, record).with("records." + record, call.arg(kDnsValue));
  return call.becomes(
      kDnsTtl.is_given(call.action.args) ? next.with("ttl." + record, call.arg(kDnsTtl)) : next);
}

Outcome remove(const Call& call) {
  const std::string record = call.arg(kDnsRecord);
  return call.becomes(with_ttl_of_now(call, record).without("records." + record));
}

/// Nobody goes by any other answer than that of now.
Outcome wait(const Call& call) {
  Amended next = call.now;
  for (const auto& [fact, ttl] : call.now.facts()) {
    if (fact.starts_with(given(call.arg(kDnsRecord)))) next.without(fact);
  }
  return call.becomes(next);
}

/// How a record gets back to what it is; `absent`: how one that is not there does.
Undo back(const Call& call, Undo absent) {
  const std::string record = call.arg(kDnsRecord);
  const std::string& value = call.now.get("records." + record);
  return value.empty()
             ? absent
             : call.back(kSetRecordVerb, {{kDnsRecord.name(), record}, {kDnsValue.name(), value}});
}

/// Whether the zone names the app, before the deploy or by a step: then it says who gets users.
bool names(const Plan& plan, ServiceIndex zone, ServiceIndex app) {
  return std::ranges::any_of(routes_of(plan, zone),
                             [&](const Route& route) { return route.app == app; });
}

/// Whether a record of the zone leads to the app, or an answer that is kept for long.
bool leads_now(const Context& context, const World& world, ServiceIndex zone,
               const std::string& app) {
  for (const auto& [fact, value] : world.record(zone).facts()) {
    if (fact.starts_with("records.") && value == app) return true;
  }
  const std::vector<KeptAnswer> kept = kept_answers(context, world, zone);
  return std::ranges::any_of(kept, [&](const KeptAnswer& answer) {
    return answer.value == app && (!answer.longest_ms || *answer.longest_ms > kSoonMs);
  });
}

/// An app to which no record of any zone leads any more, nor an answer that is kept for long, gets
/// no work.
std::string why_nobody_comes(const Context& context, const World& world, ServiceIndex zone,
                             ServiceIndex app) {
  const Plan& plan = context.plan();
  const std::string& name = plan.services[app].name;
  if (leads_now(context, world, zone, name) || !names(plan, zone, app)) return {};
  std::vector<std::string> zones;
  for (const ServiceIndex each : context.barriers()) {
    if (plan.services[each].kind != "dns" || !names(plan, each, app)) continue;
    if (leads_now(context, world, each, name)) return {};
    zones.push_back(fmt::format("'{}'", plan.services[each].name));
  }
  return fmt::format("no record of {} leads to it", fmt::join(zones, " or "));
}

KindRow dns_row() {
  const auto record = [] { return kDnsRecord; };
  KindRow row;
  row.name = "dns";
  row.help = "Records of a zone; whoever has asked keeps the answer for its TTL.";
  row.fields = {
      field("records", ValueType::map,
            "name: value before the deploy. The value may be a service of the plan.", true),
      field("ttl", ValueType::duration, "How long answers are kept."),
      field("negative_ttl", ValueType::duration,
            "How long it is kept that a record is not there (the SOA's last field)."),
      field("provider", ValueType::string, "Who runs it.")};
  row.verbs = {
      {{kSetRecordVerb, {record(), kDnsValue, kDnsTtl}, "Changes a record."},
       set_record,
       [](const Call& call) {
         return back(call, call.back("remove", {{kDnsRecord.name(), call.arg(kDnsRecord)}}));
       },
       no_traits},
      {{"remove", {record()}, "Removes a record: that it is not there is kept, too."},
       remove,
       [](const Call& call) { return back(call, nothing_to_undo()); },
       no_traits},
      {{"wait_ttl", {record()}, "Waits until nobody goes by an older answer."},
       wait,
       changes_nothing,
       no_traits}};
  row.aliases = {"zone", "route53"};
  row.incidental = {"ttl", "given"};
  row.blocks = why_nobody_comes;
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    Amended all;
    if (const model::Node* records = context.plan().services[self].fields.find("records")) {
      for (const model::Node::Entry& entry : records->entries)
        all.with("records." + entry.key, entry.value.text);
    }
    return all;
  };
  return row;
}

}  // namespace

std::vector<KeptAnswer> kept_answers(const Context& context, const World& world,
                                     ServiceIndex zone) {
  std::vector<KeptAnswer> all;
  if (zone == model::kNone || context.plan().services[zone].kind != "dns") return all;
  const Record& now = world.record(zone);
  for (const auto& [fact, ttl] : now.facts()) {
    const std::size_t gap = fact.find(' ');
    if (!fact.starts_with("given.") || gap == std::string::npos) continue;
    KeptAnswer answer{fact.substr(6, gap - 6), fact.substr(gap + 1), length_of(ttl)};
    if (now.get("records." + answer.record) != answer.value) all.push_back(std::move(answer));
  }
  return all;
}

const Kind& kind_dns() {
  static const std::unique_ptr<const Kind> kKind = make_kind(dns_row());
  return *kKind;
}

}  // namespace backout::services
