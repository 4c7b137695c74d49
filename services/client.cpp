// Clients in people's hands: a mobile or desktop app, a bundle in a browser, a library.
//
// What the real thing does: a release is taken up over days and never by all; what is installed
// stays installed when the release is withdrawn, and goes on calling the server (t3-turbo#407,
// couchers#9061). Only a forced update ends a version, and only forward. Sources: App Store Connect
// "Phased releases", Google Play "Staged rollouts" ("halt"). What this fake leaves out: how many
// have which version, review times.
//
// Facts: offered; live.<version> (somebody has it): what is installed stays, and a plan says so as
// `residue`.
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kClientVersion =
    TextArg("version", "Which version.").of(ValueType::version).required();
constexpr TextArg kClientTo =
    TextArg("to", "The version that is offered instead.").of(ValueType::version).required();

KindRow client_row() {
  KindRow row;
  row.name = "client";
  row.help = "Clients in people's hands: mobile, desktop, browser bundle, library.";
  row.has_versions = true;
  row.fields = {field("live", ValueType::strings, "Older versions that people still have."),
                field("provider", ValueType::string, "The store."),
                field("location", ValueType::string, "Where it is offered.")};
  const auto known = [](const Call& call, const std::string& version) {
    return call.self.find_version(version) != nullptr;
  };
  row.verbs = {
      {{"release",
        {kClientVersion.saying("The version.")},
        "Offers a version: some take it, some keep the older one."},
       [=](const Call& call) {
         if (!known(call, call.arg(kClientVersion)))
           return Outcome::opaque("which version is released, the plan does not say");
         return call.becomes(call.now.with("offered", call.arg(kClientVersion))
                                 .with("live." + call.arg(kClientVersion), "true"));
       },
       [](const Call&) { return no_undo("what is installed stays installed"); },
       [](const Context&, const Action& action, Traits& traits) {
         traits.irrevocable =
             fmt::format("version '{}' on people's devices", kClientVersion.in(action.args));
       }},
      {{"withdraw", {kClientTo}, "Offers an older version again; what is installed stays."},
       [](const Call& call) { return call.becomes(call.now.with("offered", call.arg(kClientTo))); },
       [](const Call& call) {
         return call.back("withdraw", {{kClientTo.name(), call.now.get("offered")}});
       },
       [](const Context&, const Action&, Traits& traits) {
         traits.leaves = {"who has the newer version keeps it"};
       }},
      {{"force_update",
        {kClientVersion.saying("The version that everybody must have.")},
        "No other version works any more."},
       [=](const Call& call) {
         if (!known(call, call.arg(kClientVersion)))
           return Outcome::opaque("to which version, the plan does not say");
         return call.becomes(without_area(call.now, "live")
                                 .with("offered", call.arg(kClientVersion))
                                 .with("live." + call.arg(kClientVersion), "true"));
       },
       [](const Call&) { return no_undo("who was made to update stays there"); },
       no_traits}};
  row.aliases = {"mobile"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    Amended record;
    if (!service.start.empty())
      record.with("offered", service.start).with("live." + service.start, "true");
    for (const std::string& each : service.fields.strings("live"))
      record.with("live." + each, "true");
    return record;
  };
  row.live = [](const Plan&, ServiceIndex, const Record& record) {
    std::vector<std::string> versions;
    for (const auto& [key, value] : record.facts()) {
      if (key.starts_with("live.")) versions.push_back(key.substr(5));
    }
    return versions;
  };
  return row;
}

}  // namespace

const Kind& kind_client() {
  static const std::unique_ptr<const Kind> kKind = make_kind(client_row());
  return *kKind;
}

}  // namespace backout::services
