// Where backups are kept: a bucket, a disk, somebody else's storage.
//
// What the real thing does: holds copies, some of which cannot be read back. A download that checks
// neither the status nor a checksum can leave an error page where a database should be. What this
// fake leaves out: costs, bandwidth, what the copies hold (the stores that they were taken of know
// that).
//
// Facts: backups.<name> (held|verified|fetched|compared|expired); none is essential (copies may
// come and go).
#include "services/backup_store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kBackupStoreName = TextArg("name", "Name of the backup.").required();
constexpr FlagArg kBackupStoreChecksum{"checksum",
                                       "The copy is compared with a checksum (default false)."};

/// The service that the backup `name` is of; kNone when the plan does not say.
ServiceIndex origin(const Plan& plan, ServiceIndex self, const std::string& name) {
  const model::Node* holds = plan.services[self].fields.find("holds");
  const model::Node* backup = holds == nullptr ? nullptr : holds->find(name);
  const model::Node* of = backup == nullptr ? nullptr : backup->find("of");
  return of == nullptr ? model::kNone : plan.find_service(of->text);
}

bool is_damaged(const Context& context, const World& world, ServiceIndex of,
                const std::string& name) {
  if (of == model::kNone) return false;
  const std::vector<Fact> facts = context.kind(of).facts(context, of, *world.states[of]);
  return std::ranges::any_of(facts,
                             [&](const Fact& fact) { return fact.path == "damaged." + name; });
}

std::string fact_of_backup(const Call& call) { return "backups." + call.arg(kBackupStoreName); }

/// A backup is read; `checked`: to its end, and whoever reads it says so when it cannot be.
Outcome read_backup(const Call& call, bool checked, const char* becomes) {
  const bool lists = call.self.fields.has("holds");
  if (call.now.get(fact_of_backup(call)) == "expired" ||
      (lists && !call.now.has(fact_of_backup(call)))) {
    // An error page is downloaded as well as a backup is.
    return checked ? Outcome::refused("404 Not Found")
                   : Outcome::noop("404 Not Found was saved as the backup");
  }
  if (is_damaged(call.context, call.world,
                 origin(call.context.plan(), call.action.service, call.arg(kBackupStoreName)),
                 call.arg(kBackupStoreName)))
    return checked ? Outcome::refused("the checksum does not match")
                   : Outcome::noop("what was saved is damaged");
  return call.becomes(call.now.with(fact_of_backup(call), becomes));
}

bool compares_checksum(const Action& action) { return kBackupStoreChecksum.in(action.args); }

/// Whoever reads it back sees that the service of which it is has no sound copy of that name.
Changes seen_when_read(const Call& call, Harm harm) {
  const std::string name = call.arg(kBackupStoreName);
  const ServiceIndex of = origin(call.context.plan(), call.action.service, name);
  if ((harm != Harm::gone && harm != Harm::corrupt) || of == model::kNone) return {};
  const Action restore =
      with_arg({of, kRestoreVerb, {}, call.action.span, call.action.label}, "from", name);
  Changes changes = services::harmed(call.context, call.world, restore, harm);
  if (harm == Harm::gone && !changes.empty())
    changes.emplace_back(call.action.service,
                         call.now.with(fact_of_backup(call), "expired").share());
  return changes;
}

Footprint reads_origin(const Context& context, const Action& action) {
  const ServiceIndex of = origin(context.plan(), action.service, kBackupStoreName.in(action.args));
  if (of == model::kNone) return itself_and(context, action, {});
  return itself_and(context, action, {{resource(context, of)}, {resource(context, of)}});
}

std::vector<VerbRow> verbs_of_backup_store() {
  return {{{"verify", {kBackupStoreName}, "Reads a backup back."},
           [](const Call& call) { return read_backup(call, true, "verified"); },
           changes_nothing,
           no_traits,
           {},
           reads_origin,
           seen_when_read},
          {{"fetch", {kBackupStoreName, kBackupStoreChecksum}, "Downloads a backup."},
           [](const Call& call) {
             return read_backup(call, compares_checksum(call.action),
                                compares_checksum(call.action) ? "compared" : "fetched");
           },
           changes_nothing,
           [](const Context&, const Action& action, Traits& traits) {
             if (!compares_checksum(action))
               traits.hides_failure =
                   "the download is compared with nothing: an error page passes for a backup";
           },
           {},
           reads_origin,
           [](const Call& call, Harm harm) {
             return compares_checksum(call.action) ? seen_when_read(call, harm) : Changes{};
           }},
          {{"expire", {kBackupStoreName}, "Deletes a backup."},
           [](const Call& call) {
             return call.becomes(call.now.with(fact_of_backup(call), "expired"));
           },
           [](const Call& call) {
             return call.now.get(fact_of_backup(call)) == "expired"
                        ? nothing_to_undo()
                        : no_undo("a deleted backup is gone");
           },
           [](const Context&, const Action& action, Traits& traits) {
             traits.destroys = fmt::format("the backup '{}'", kBackupStoreName.in(action.args));
           }}};
}

KindRow store_row() {
  KindRow row;
  row.name = "backup_store";
  row.help = "A place that keeps backups.";
  row.fields = {
      field("location", ValueType::string, "Failure domain: a volume, an account, a region."),
      field("provider", ValueType::string, "Who runs it."),
      field("holds", ValueType::map,
            "name: {of, format, age, verified}. The backups that are there.")};
  row.verbs = verbs_of_backup_store();
  row.incidental = {"backups"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    Amended record;
    if (const model::Node* holds = context.plan().services[self].fields.find("holds")) {
      for (const model::Node::Entry& backup : holds->entries)
        record.with("backups." + backup.key, "held");
    }
    return Record(record);
  };
  return row;
}

}  // namespace

bool was_read_back(const Context& context, const World& world, const Action& action) {
  if (action.service == model::kNone) return false;
  const std::string copy = context.kind(action.service).traits(context, action).restores_backup;
  if (copy.empty()) return false;
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    const bool holds = context.plan().services[i].kind == "backup_store" &&
                       origin(context.plan(), i, copy) == action.service;
    if (!holds) continue;
    const std::string& state = world.record(i).get("backups." + copy);
    if (state == "verified" || state == "compared") return true;
  }
  return false;
}

const Kind& kind_backup_store() {
  static const std::unique_ptr<const Kind> kKind = make_kind(store_row());
  return *kKind;
}

}  // namespace backout::services
