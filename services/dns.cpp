// Records of a zone.
//
// What the real thing does: whoever has asked goes on with the old answer until its time to live is over, in both
// directions: a switch back is no faster than the TTL that the bad record was given. Sources: RFC 1035 3.2.1, RFC 2181 5.2,
// RFC 2308 (answers that there is none are kept too). What this fake leaves out: resolvers that keep answers longer, DNSSEC.
//
// Facts: records.<name>; ttl.<name>.
#include <fmt/format.h>

#include "model/duration.hpp"
#include "services/amend.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

KindRow dns_row() {
  KindRow row;
  row.name = "dns";
  row.help = "Records of a zone; whoever has asked keeps the answer for its TTL.";
  row.fields = {field("records", ValueType::map, "name: value before the deploy.", true),
                field("ttl", ValueType::duration, "How long answers are kept."),
                field("provider", ValueType::string, "Who runs it.")};
  row.verbs = {
      {{"set", {field("record", ValueType::string, "The name.", true), field("value", ValueType::string, "Its value.", true)}, "Changes a record."},
       [](const Call& call) { return call.becomes(call.now.with("records." + call.arg("record"), call.arg("value"))); },
       [](const Call& call) {
         const std::string& value = call.now.get("records." + call.arg("record"));
         return value.empty() ? call.back("remove", {{"record", call.arg("record")}})
                              : call.back("set", {{"record", call.arg("record")}, {"value", value}});
       },
       [](const Context& context, const Action& action, Traits& traits) {
         const model::Service& self = context.plan().services[action.service];
         const std::string ttl = self.fields.text_or("ttl", "a time that the plan does not say");
         const auto kept = model::parse_duration(self.fields.text("ttl"));
         if (kept && !kept->unknown) traits.delayed_ms = kept->high_ms;
         traits.leaves = {fmt::format("whoever asked before keeps the old answer for {}", ttl)};
       }},
      {{"remove", {field("record", ValueType::string, "The name.", true)}, "Removes a record."},
       [](const Call& call) { return call.becomes(call.now.without("records." + call.arg("record"))); },
       [](const Call& call) {
         const std::string& value = call.now.get("records." + call.arg("record"));
         return value.empty() ? nothing_to_undo() : call.back("set", {{"record", call.arg("record")}, {"value", value}});
       }}};
  row.aliases = {"zone"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    Amended record;
    if (const model::Node* all = context.plan().services[self].fields.find("records")) {
      for (const model::Node::Entry& entry : all->entries) record.with("records." + entry.key, entry.value.text);
    }
    return record;
  };
  return row;
}

}  // namespace

const Kind& kind_dns() {
  static const std::unique_ptr<const Kind> kKind = make_kind(dns_row());
  return *kKind;
}

}  // namespace backout::services
