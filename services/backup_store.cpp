// Where backups are kept: a bucket, a disk, somebody else's storage.
//
// What the real thing does: holds copies, some of which cannot be read back. A download that checks neither the status
// nor a checksum can leave an error page where a database should be.
// What this fake leaves out: costs, bandwidth.
//
// Facts: none is essential (copies may come and go).
#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec store_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  const auto name = field("name", ValueType::string, "Name of the backup.", true);
  return {"backup_store", "A place that keeps backups.", false,
          {field("location", ValueType::string, "Failure domain: a volume, an account, a region."), field("provider", ValueType::string, "Who runs it.")},
          {{"verify", {name, command}, "Reads a backup back."},
           {"fetch", {name, field("checksum", ValueType::boolean, "The copy is compared with a checksum (default false)."), command}, "Downloads a backup."},
           {"expire", {name, command}, "Deletes a backup."}}};
}

class BackupStoreKind : public RecordKind {
 public:
  BackupStoreKind() : RecordKind(store_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override { return Record().share(); }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    const std::string key = "backups." + action.args.text("name");
    const Record& store = record(world, action.service);
    if (action.verb == "fetch" && store.get(key) == "expired") return Outcome::refused("404 Not Found");
    const std::string value = action.verb == "expire" ? "expired" : action.verb == "verify" ? "verified" : "fetched";
    return Outcome::done().set(action.service, store.with(key, value));
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (action.verb == "expire") return {Undo::Class::none, "a deleted backup is gone", {}};
    return {Undo::Class::exact, "", {}};
  }

  Traits traits(const Context&, const Action& action) const override {
    Traits traits;
    if (action.verb == "expire") traits.destroys = "the backup '" + action.args.text("name") + "'";
    if (action.verb == "fetch" && !action.args.flag("checksum")) {
      traits.hides_failure = "the download is compared with nothing: an error page passes for a backup";
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
