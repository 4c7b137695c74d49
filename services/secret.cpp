// A secret or key with versions: Vault, AWS and GCP and Azure secret managers, KMS.
//
// What the real thing does: a rotation makes a new version current; whether the one before stays
// valid for a while decides whether a version of code that still has it goes on working. What was
// encrypted with a version is read only while that version is there (Veil#214). Staging labels move
// back; a destroyed version does not come back. A deleted secret keeps its name for its recovery
// window: it can be restored and neither read nor created again (fleet#6278). Sources: AWS Secrets
// Manager "Rotation", "DeleteSecret"; Vault "KV v2"; AWS KMS "Deleting keys". What this fake leaves
// out: policies, leases, caches of readers.
//
// Facts: current, valid.<version>, deleted. That a version which a rotation brought stays valid is
// not essential.
#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "model/duration.hpp"
#include "services/amend.hpp"
#include "services/dependence.hpp"
#include "services/row_kind.hpp"
#include "services/sealed.hpp"
#include "services/validity.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kSecretTo = TextArg("to", "The new version.").required();
constexpr TextArg kSecretKeepOld =
    TextArg("keep_old", "Whether, or how long, the one before stays valid.").of(ValueType::any);
constexpr FlagArg kSecretForce{"force", "Without a recovery window (default false)."};
constexpr TextArg kSecretWindow =
    TextArg("window", "How long it can be had back.").of(ValueType::duration);
constexpr TextArg kSecretVersion = TextArg("version", "Its first version.").required();

constexpr ListArg kSecretOf =
    ListArg("of", "Whose (default: of all that are `encrypted_with` it).").of(ValueType::services);

constexpr const char* kSetAside = "set_aside";

Outcome unless_deleted(const Call& call, const std::function<Outcome(const Call&)>& then) {
  if (call.now.has("deleted"))
    return Outcome::refused(
        "You can't perform this operation on the secret because it was marked for deletion.");
  return then(call);
}

/// How long the one before stays valid after a rotation, or a deleted secret can be had back: true
/// and false are for ever and not at all. Nullopt: the plan does not say, or says what is no time.
std::optional<model::Duration> how_long(const Action& action, const TextArg& said) {
  const std::string text = said.in(action.args);
  model::Duration kept;
  if (text == "true") kept.high_ms = std::numeric_limits<std::int64_t>::max();
  if (text == "true" || text == "false" || text == "0") return kept;
  const auto time = model::parse_duration(text);
  if (text.empty() || !time || time->unknown) return std::nullopt;
  return *time;
}

/// Says of what ends by itself when it ends.
void tell_end(const Action& action, const TextArg& said, const std::string& what, Traits& traits) {
  if (said.is_unknown(action.args)) {
    model::Duration open;
    open.unknown = true;
    return tell_end(what, open, traits);
  }
  const std::optional<model::Duration> kept = how_long(action, said);
  if (kept && kept->high_ms != 0 && kept->high_ms != std::numeric_limits<std::int64_t>::max())
    tell_end(what, *kept, traits);
}

/// The secret with a version that may stay valid behind a rollback: what was encrypted with it in
/// between is read by it alone.
Record brought(const Call& call, const std::string& version) {
  const std::string valid = "valid." + version;
  const std::vector<std::string> before = call.self.fields.strings("valid");
  const bool was = version == call.self.fields.text("current") ||
                   std::ranges::find(before, version) != before.end();
  const Record next = call.now.with(valid, "true");
  return was ? next : next.with(fmt::format("{}.{}", kBrought, valid), "true");
}

/// The secret while it is marked for deletion: nobody reads it, and what it held is there for an
/// `undelete`.
Record set_aside(const Record& now) {
  Amended next = Record();
  for (const auto& [key, value] : now.facts())
    next.with(
        key == "current" || key.starts_with("valid.") ? fmt::format("{}.{}", kSetAside, key) : key,
        value);
  return Record(next).with("deleted", "marked");
}

Record taken_back(const Record& now) {
  const std::string area = std::string(kSetAside) + '.';
  Amended next = Record();
  for (const auto& [key, value] : now.facts())
    next.with(key.starts_with(area) ? key.substr(area.size()) : key, value);
  return Record(next).without("deleted");
}

Outcome rotate(const Call& call) {
  const std::string to = call.arg(kSecretTo);
  const std::string old = call.now.get("current");
  if (to == "unknown")
    return Outcome::opaque("which version is current then, the plan does not say");
  if (call.now.has("destroyed." + to))
    return Outcome::refused(fmt::format("version {} is destroyed", to));
  Record next = brought(call, to).with("current", to);
  if (to == old) return call.becomes(next);
  const std::optional<model::Duration> kept = how_long(call.action, kSecretKeepOld);
  if (!kept) {
    return Outcome::opaque(fmt::format("whether '{}' stays valid after the rotation, the plan does "
                                       "not say (`keep_old`)",
                                       old))
        .set(call.action.service, next);
  }
  return call.becomes(kept->high_ms == 0 ? next.without("valid." + old) : next);
}

Outcome make_current(const Call& call) {
  const std::string to = call.arg(kSecretTo);
  if (to == "unknown")
    return Outcome::opaque("which version is current then, the plan does not say");
  if (!call.now.has("valid." + to))
    return Outcome::refused(fmt::format("version {} is not valid any more", to));
  return call.becomes(call.now.with("current", to));
}

std::vector<VerbRow> verbs_of_secret() {
  const auto guarded = [](std::function<Outcome(const Call&)> then) {
    return [then](const Call& call) { return unless_deleted(call, then); };
  };
  const auto version = [](std::string help) {
    return field("version", ValueType::string, std::move(help), true);
  };
  return {
      {{"rotate", {kSecretTo, kSecretKeepOld}, "Makes a new version current."},
       guarded(rotate),
       [](const Call& call) {
         const std::string old = call.now.get("current");
         const std::optional<model::Duration> kept = how_long(call.action, kSecretKeepOld);
         if (call.now.has("deleted") || call.arg(kSecretTo) == old || !kept) return Undo{};
         if (kept->high_ms == 0) return no_undo(fmt::format("'{}' is not valid any more", old));
         return Undo{Undo::Class::conditional,
                     fmt::format("'{}' is still valid", old),
                     {same_service(call.action, "make_current", {{kSecretTo.name(), old}})}};
       },
       [](const Context&, const Action& action, Traits& traits) {
         tell_end(action, kSecretKeepOld, "the version before stays valid", traits);
       }},
      {{"make_current",
        {kSecretTo.saying("The version.")},
        "A version that is still valid is current again."},
       guarded(make_current),
       [](const Call& call) {
         const bool valid = call.now.has("valid." + call.now.get("current"));
         return valid ? call.back("make_current", {{kSecretTo.name(), call.now.get("current")}})
                      : Undo{};
       },
       no_traits},
      {{"reencrypt", {kSecretOf}, "What stores hold is encrypted anew, with the version of now."},
       guarded([](const Call& call) {
         return seal_anew(call.context, call.world, call.action.service, call.arg(kSecretOf));
       }),
       changes_nothing,
       no_traits,
       {},
       [](const Context& context, const Action& action) {
         Footprint stores;
         for (const ServiceIndex each : context.sealed())
           stores.reads.push_back(resource(context, each));
         return itself_and(context, action, std::move(stores));
       }},
      {{"disable", {version("The version.")}, "A version is not valid any more."},
       guarded([](const Call& call) {
         return call.becomes(call.now.without("valid." + call.arg(kSecretVersion)));
       }),
       [](const Call& call) {
         const std::string each = call.arg(kSecretVersion);
         return call.now.has("valid." + each) ? call.back("enable", {{kSecretVersion.name(), each}})
                                              : nothing_to_undo();
       },
       no_traits},
      {{"enable", {version("The version.")}, "A version is valid again."},
       guarded([](const Call& call) {
         if (call.now.has("destroyed." + call.arg(kSecretVersion)))
           return Outcome::refused(
               fmt::format("version {} is destroyed", call.arg(kSecretVersion)));
         return call.becomes(call.now.with("valid." + call.arg(kSecretVersion), "true"));
       }),
       [](const Call& call) {
         const std::string each = call.arg(kSecretVersion);
         if (call.now.has("destroyed." + each) || call.now.has("deleted")) return Undo{};
         return call.now.has("valid." + each)
                    ? nothing_to_undo()
                    : call.back("disable", {{kSecretVersion.name(), each}});
       },
       no_traits},
      {{"destroy",
        {version("The version.")},
        "Destroys a version for good: what it encrypted is lost."},
       guarded([](const Call& call) {
         const std::string each = call.arg(kSecretVersion);
         return call.becomes(call.now.without("valid." + each).with("destroyed." + each, "true"));
       }),
       [](const Call&) { return no_undo("a destroyed version does not come back"); },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.destroys = fmt::format("version '{}' of {}, and what it encrypted",
                                       kSecretVersion.in(action.args),
                                       context.plan().services[action.service].name);
       }},
      {{"delete", {kSecretForce, kSecretWindow}, "Marks it for deletion; its name stays taken."},
       [](const Call& call) {
         if (call.arg(kSecretForce))
           return call.becomes(without_area(without_area(call.now, kSetAside), "valid")
                                   .without("current")
                                   .with("deleted", "for good"));
         return call.becomes(call.now.has("deleted") ? call.now : set_aside(call.now));
       },
       [](const Call& call) {
         if (call.now.has("deleted")) return Undo{};
         return call.arg(kSecretForce) ? no_undo("it is deleted for good") : call.back("undelete");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         if (kSecretForce.in(action.args))
           traits.destroys = "the secret " + context.plan().services[action.service].name;
         else
           tell_end(action, kSecretWindow, "it can be had back", traits);
       }},
      {{"undelete", {}, "Takes a deletion back within the recovery window."},
       [](const Call& call) {
         if (call.now.get("deleted") == "for good")
           return Outcome::refused("Secrets Manager can't find the specified secret.");
         return call.becomes(taken_back(call.now));
       },
       [](const Call& call) {
         return call.now.get("deleted") == "marked" ? call.back("delete") : Undo{};
       },
       no_traits},
      {{"create", {kSecretVersion}, "Makes it anew."},
       [](const Call& call) {
         if (call.now.get("deleted") == "marked")
           return Outcome::refused(
               "You can't create this secret because a secret with this name is already scheduled "
               "for deletion.");
         if (call.now.has("current"))
           return Outcome::refused("A resource with the ID you requested already exists.");
         return call.becomes(call.now.with("current", call.arg(kSecretVersion))
                                 .with("valid." + call.arg(kSecretVersion), "true")
                                 .without("deleted"));
       },
       [](const Call& call) { return call.now.has("current") ? nothing_to_undo() : Undo{}; },
       [](const Context&, const Action&, Traits& traits) {
         traits.not_repeatable = "the second time it exists";
       }}};
}

KindRow secret_row() {
  KindRow row;
  row.name = "secret";
  row.help = "A secret or key with versions: Vault, secret managers, KMS.";
  row.fields = {
      field("current", ValueType::string, "The version before the deploy.", true),
      field("valid", ValueType::strings, "Other versions that are valid before the deploy."),
      expires_field(), field("provider", ValueType::string, "Who keeps it."),
      field("location", ValueType::string, "Failure domain that it lives in.")};
  row.verbs = verbs_of_secret();
  row.aliases = {"kms", "vault", "secrets_manager"};
  row.features.keeps_old_keys = true;
  row.incidental = {"destroyed", kSetAside};
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    const model::Service& service = context.plan().services[self];
    check_expires(service, mistakes);
    const std::string current = service.fields.text("current");
    Amended record = Record().with("current", current).with("valid." + current, "true");
    for (const std::string& each : service.fields.strings("valid"))
      record.with("valid." + each, "true");
    return record;
  };
  return row;
}

}  // namespace

const Kind& kind_secret() {
  static const std::unique_ptr<const Kind> kKind = make_kind(secret_row());
  return *kKind;
}

}  // namespace backout::services
