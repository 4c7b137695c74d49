// Where backups are kept: a bucket, a disk, somebody else's storage.
//
// What the real thing does: holds copies, some of which cannot be read back. A download that checks
// neither the status nor a checksum can leave an error page where a database should be. What this
// fake leaves out: costs, bandwidth, what the copies hold (the stores that they were taken of know
// that).
//
// Facts: backups.<name> (held|verified|fetched|expired); none is essential (copies may come and
// go).
#include <fmt/format.h>

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

class BackupStoreKind : public RecordKind {
 public:
  BackupStoreKind() : RecordKind(store_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    Record record;
    if (const model::Node* holds = context.plan().services[self].fields.find("holds")) {
      for (const model::Node::Entry& backup : holds->entries)
        record = record.with("backups." + backup.key, "held");
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
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
    const std::string value = action.verb == "expire"   ? "expired"
                              : action.verb == "verify" ? "verified"
                                                        : "fetched";
    return Outcome::done().set(action.service, store.with(key, value));
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
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

const Kind& kind_backup_store() {
  static const BackupStoreKind kKind;
  return kKind;
}

}  // namespace backout::services
