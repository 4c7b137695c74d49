// Clients in people's hands: a mobile or desktop app, a bundle in a browser, a library.
//
// What the real thing does: a release is taken up over days and never by all; what is installed
// stays installed when the release is withdrawn, and goes on calling the server (t3-turbo#407,
// couchers#9061). Only a forced update ends a version, and only forward. Where code comes over the
// air (CodePush, Expo, a bundle in a browser) people get an older version back, and it meets what
// the newer one left on their device: a database that it does not open (Android,
// `SQLiteOpenHelper.onDowngrade`: "Can't downgrade database from version 2 to 1"; Room). Sources:
// App Store Connect "Phased releases", Google Play "Staged rollouts" ("halt"), Expo "Rollbacks".
// What this fake leaves out: review times.
//
// Facts: offered; offered_to (the share to whom, below 100); live.<version> (somebody has it): what
// is installed stays, and a plan says so as `residue`; device.<format> (somebody has data of it;
// not essential); crashes (the version that does not open what is there).
#include <fmt/format.h>

#include "model/duration.hpp"
#include "services/amend.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kClientVersion =
    TextArg("version", "Which version.").of(ValueType::version).required();
constexpr TextArg kClientTo =
    TextArg("to", "The version that is offered instead.").of(ValueType::version).required();

constexpr TextArg kClientPercent =
    TextArg("percent", "Share of the users, in percent, to whom it is offered (default 100).")
        .of(ValueType::integer)
        .or_else("100");

/// The version is what people are offered, so many of them.
Record offered(const Record& record, const std::string& version, const std::string& percent) {
  const Record next = record.with("offered", version);
  return percent == "100" ? next.without("offered_to") : next.with("offered_to", percent);
}

/// Until so late people go on with what they had (`adoption`); nothing where the plan does not say.
void seen_once_they_have_it(const Context& context, const Action& action, Traits& traits) {
  const model::Node* adoption = context.plan().services[action.service].fields.find("adoption");
  if (adoption == nullptr || adoption->entries.empty()) return;
  std::string last;
  for (const model::Node::Entry& each : adoption->entries) {
    const auto after = model::parse_duration(each.key);
    if (!after || after->unknown || each.value.is_unknown()) return;
    if (after->high_ms <= traits.delayed_ms) continue;
    traits.delayed_ms = after->high_ms;
    last = fmt::format("{}% of them {} after it", each.value.text, each.key);
  }
  traits.delayed_effect = fmt::format("until people have it ({})", last);
}

/// The format of what a version keeps on a device; empty: the plan does not say.
std::string kept_by(const model::Service& self, const std::string& version) {
  const model::Version* named = self.find_version(version);
  return named == nullptr ? std::string() : named->extra.text("keeps");
}

Record with_device(const model::Service& self, const Record& record, const std::string& version) {
  const std::string format = kept_by(self, version);
  return format.empty() ? record : record.with("device." + format, "true");
}

/// Whether people have the version before the deploy.
bool is_there_before(const model::Service& self, const std::string& version) {
  return version == self.start || holds(self.fields.strings("live"), version);
}

/// The formats that a version opens. Where it does not say: what it keeps itself, and a version
/// that comes with the deploy what was there before, too, as every update has to.
std::vector<std::string> opened_by(const model::Service& self, const model::Version& version) {
  std::vector<std::string> opens = version.extra.strings("opens");
  if (!opens.empty()) return opens;
  opens = {kept_by(self, version.name)};
  if (opens.front().empty()) opens = {"unknown"};
  if (is_there_before(self, version.name)) return opens;
  for (const model::Version& each : self.versions) {
    if (is_there_before(self, each.name)) opens.push_back(kept_by(self, each.name));
  }
  return opens;
}

/// `next`, in which people get the version on devices with what others left there, and which had
/// `now` before.
Outcome meets_devices(const Call& call, Record next, const std::string& version) {
  const std::vector<std::string> opens = opened_by(call.self, *call.self.find_version(version));
  for (const auto& [fact, value] : call.now.facts()) {
    if (!fact.starts_with("device.") || holds(opens, fact.substr(7))) continue;
    if (holds(opens, "unknown") || fact == "device.unknown")
      return Outcome::opaque(fmt::format(
          "whether '{}' opens what is on people's devices, the plan does not say", version));
    next = next.with("crashes", fmt::format("{} on {}", version, fact.substr(7)));
  }
  return call.becomes(with_device(call.self, next, version));
}

/// A version for everybody, with what others left on their devices.
Outcome everybody_gets(const Call& call, const std::string& version) {
  const Record nobody = without_area(call.now, "live").without("crashes");
  return meets_devices(call, offered(nobody, version, "100").with("live." + version, "true"),
                       version);
}

Outcome revert_all(const Call& call) {
  const std::string to = call.arg(kClientTo);
  return call.self.find_version(to) == nullptr
             ? Outcome::opaque("which version people get back, the plan does not say")
             : everybody_gets(call, to);
}

KindRow client_row() {
  KindRow row;
  row.name = "client";
  row.help = "Clients in people's hands: mobile, desktop, browser bundle, library.";
  row.has_versions = true;
  row.fields = {field("live", ValueType::strings, "Older versions that people still have."),
                field("adoption", ValueType::map,
                      "duration: percent. How many have a version so long after they were offered "
                      "it, or made to take it."),
                field("provider", ValueType::string, "The store."),
                field("location", ValueType::string, "Where it is offered.")};
  const auto known = [](const Call& call, const std::string& version) {
    return call.self.find_version(version) != nullptr;
  };
  row.verbs = {
      {{"release",
        {kClientVersion.saying("The version."), kClientPercent},
        "Offers a version: some take it, some keep the older one."},
       [=](const Call& call) {
         if (!known(call, call.arg(kClientVersion)))
           return Outcome::opaque("which version is released, the plan does not say");
         const std::string version = call.arg(kClientVersion);
         return meets_devices(
             call,
             offered(call.now, version, call.arg(kClientPercent)).with("live." + version, "true"),
             version);
       },
       [](const Call&) { return no_undo("what is installed stays installed"); },
       [](const Context&, const Action& action, Traits& traits) {
         traits.irrevocable =
             fmt::format("version '{}' on people's devices", kClientVersion.in(action.args));
       }},
      {{"withdraw", {kClientTo}, "Offers an older version again; what is installed stays."},
       [](const Call& call) { return call.becomes(offered(call.now, call.arg(kClientTo), "100")); },
       [](const Call& call) {
         return call.back("withdraw", {{kClientTo.name(), call.now.get("offered")}});
       },
       [](const Context&, const Action&, Traits& traits) {
         traits.leaves = {"who has the newer version keeps it"};
       }},
      {{"revert",
        {kClientTo.saying("The version that everybody gets back.")},
        "Over the air: who has a newer version gets an older one back, and keeps his data."},
       revert_all,
       [](const Call&) { return no_undo("who had which version, nobody recorded"); },
       seen_once_they_have_it},
      {{"force_update",
        {kClientVersion.saying("The version that everybody must have.")},
        "No other version works any more."},
       [=](const Call& call) {
         if (!known(call, call.arg(kClientVersion)))
           return Outcome::opaque("to which version, the plan does not say");
         return everybody_gets(call, call.arg(kClientVersion));
       },
       [](const Call&) { return no_undo("who was made to update stays there"); },
       seen_once_they_have_it}};
  row.version_fields = {
      field("keeps", ValueType::string, "The format of what it keeps on people's devices."),
      field("opens", ValueType::strings,
            "The formats that it opens there (default: the one that it keeps; of a version that "
            "comes with the deploy also those from before).")};
  row.aliases = {"mobile"};
  row.incidental = {"device"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    Amended record;
    if (!service.start.empty())
      record.with("offered", service.start).with("live." + service.start, "true");
    for (const std::string& each : service.fields.strings("live"))
      record.with("live." + each, "true");
    Record first = record;
    for (const model::Version& version : service.versions) {
      if (first.has("live." + version.name)) first = with_device(service, first, version.name);
    }
    return first;
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
