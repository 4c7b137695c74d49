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
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec store_spec() {
  const auto name = field("name", ValueType::string, "Name of the backup.", true);
  return {"backup_store",
          "A place that keeps backups.",
          false,
          {field("location", ValueType::string, "Failure domain: a volume, an account, a region."),
           field("provider", ValueType::string, "Who runs it."),
           field("holds", ValueType::map,
                 "name: {of, format, age, verified}. The backups that are there.")},
          {{"verify", {name, command_field()}, "Reads a backup back."},
           {"fetch",
            {name,
             field("checksum", ValueType::boolean,
                   "The copy is compared with a checksum (default false)."),
             command_field()},
            "Downloads a backup."},
           {"expire", {name, command_field()}, "Deletes a backup."}}};
}

/// The service that the backup `name` is of; kNone when the plan does not say.
ServiceIndex origin(const Plan& plan, ServiceIndex self, const std::string& name) {
  const model::Node* holds = plan.services[self].fields.find("holds");
  const model::Node* backup = holds == nullptr ? nullptr : holds->find(name);
  const model::Node* of = backup == nullptr ? nullptr : backup->find("of");
  return of == nullptr ? model::kNone : plan.find_service(of->text);
}

/// Whether the action reads the backup to its end and says so when it cannot.
bool reads_back(const Action& action) {
  return action.verb == "verify" || (action.verb == "fetch" && action.args.flag("checksum"));
}

bool is_damaged(const Context& context, const World& world, ServiceIndex of,
                const std::string& name) {
  if (of == model::kNone) return false;
  const std::vector<Fact> facts = context.kind(of).facts(context, of, *world.states[of]);
  return std::ranges::any_of(facts,
                             [&](const Fact& fact) { return fact.path == "damaged." + name; });
}

class BackupStoreKind : public RecordKind {
 public:
  BackupStoreKind() : RecordKind(store_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    Amended record;
    if (const model::Node* holds = context.plan().services[self].fields.find("holds")) {
      for (const model::Node::Entry& backup : holds->entries)
        record.with("backups." + backup.key, "held");
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    if (!is_one_of(action.verb, {"verify", "fetch", "expire"})) unhandled(spec(), action, "apply");
    const std::string name = action.args.text("name");
    const std::string key = "backups." + name;
    const Record& store = record(world, action.service);
    const bool lists = context.plan().services[action.service].fields.has("holds");
    if (action.verb != "expire" && (store.get(key) == "expired" || (lists && !store.has(key)))) {
      // An error page is downloaded as well as a backup is.
      if (action.verb == "fetch" && !action.args.flag("checksum"))
        return Outcome::noop("404 Not Found was saved as the backup");
      return Outcome::refused("404 Not Found");
    }
    const ServiceIndex of = origin(context.plan(), action.service, name);
    if (action.verb != "expire" && is_damaged(context, world, of, name)) {
      if (reads_back(action)) return Outcome::refused("the checksum does not match");
      return Outcome::noop("what was saved is damaged");
    }
    const std::string value = action.verb == "expire"   ? "expired"
                              : action.verb == "verify" ? "verified"
                              : reads_back(action)      ? "compared"
                                                        : "fetched";
    return Outcome::done().set(action.service, store.with(key, value));
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    const std::string name = action.args.text("name");
    const ServiceIndex of = origin(context.plan(), action.service, name);
    const bool would_see = harm == Harm::gone || harm == Harm::corrupt;
    if (!would_see || !reads_back(action) || of == model::kNone) return {};
    const Action restore = with_arg({of, "restore", {}, action.span, action.label}, "from", name);
    Changes changes = services::harmed(context, world, restore, harm);
    if (harm == Harm::gone && !changes.empty()) {
      const Record expired = record(world, action.service).with("backups." + name, "expired");
      changes.emplace_back(action.service, expired.share());
    }
    return changes;
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print = Kind::footprint(context, action);
    const ServiceIndex of = origin(context.plan(), action.service, action.args.text("name"));
    if (of == model::kNone || action.verb == "expire") return print;
    for (auto* paths : {&print.reads, &print.writes}) {
      paths->push_back(resource(context, of));
      std::sort(paths->begin(), paths->end());
    }
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    if (!is_one_of(action.verb, {"verify", "fetch", "expire"})) return {};
    if (action.verb != "expire") return {Undo::Class::exact, "", {}};
    const bool gone =
        record(before, action.service).get("backups." + action.args.text("name")) == "expired";
    if (gone) return {Undo::Class::exact, "", {}};
    return {Undo::Class::none, "a deleted backup is gone", {}};
  }

  Traits traits(const Context&, const Action& action) const override {
    Traits traits;
    if (action.verb == "expire")
      traits.destroys = fmt::format("the backup '{}'", action.args.text("name"));
    if (action.verb == "fetch" && !action.args.flag("checksum")) {
      traits.hides_failure =
          "the download is compared with nothing: an error page passes for a backup";
    }
    return traits;
  }

 protected:
  std::vector<std::string> incidental() const override { return {"backups"}; }
};

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
  static const BackupStoreKind kKind;
  return kKind;
}

}  // namespace backout::services
