// A vector store (Qdrant and its like): collections of points.
//
// What the real thing does: snapshots are taken and recovered through the API, per collection; aliases are not in them.
// Unpacking a snapshot over the storage folder leaves old segments beside new ones. The hosted service restores through
// a support ticket. Points refer to records of another store; restored alone they refer to records that are not there.
// What this fake leaves out: vectors, search, replication.
//
// Facts: points.<id>; copies and `point` (the moment that the content is of) are not essential.
#include <fmt/format.h>

#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec vector_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"vector_store", "Collections of vectors that belong to records elsewhere.", false,
          {field("provider", ValueType::string, "Who runs it."), field("collections", ValueType::strings, "Its collections."),
           field("follows", ValueType::service, "The store whose records its points belong to."), field("location", ValueType::string, "Volume or account.")},
          {{"snapshot", {field("file", ValueType::string, "Name of the snapshot.", true), field("collection", ValueType::string, "Which collection."), command}, "Takes a snapshot."},
           {"recover", {field("from", ValueType::string, "Name of the snapshot.", true), field("collection", ValueType::string, "Which collection."), command}, "Recovers a snapshot through the API."},
           {"untar", {field("from", ValueType::string, "Name of the snapshot.", true), command}, "Unpacks a snapshot over the storage folder."},
           {"rebuild", {field("from", ValueType::service, "The store to rebuild from.", true), command}, "Makes all points anew."},
           {"stop", {command}, "Stops it."}, {"start", {command}, "Starts it."}}};
}

class VectorStoreKind : public RecordKind {
 public:
  VectorStoreKind() : RecordKind(vector_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const Plan& plan = context.plan();
    Record record({{"running", "true"}, {"point", "now"}});
    for (const std::string& name : plan.services[self].fields.strings("collections")) record = record.with("points." + name, "old");
    for (const model::Backup& backup : plan.backups) {
      if (backup.of != self) continue;
      record = copy_area(record, "points", "copy." + backup.name)
                   .with("copies." + backup.name, backup.age && !backup.age->unknown ? to_string(*backup.age) : backup.name);
    }
    return record.share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    const Record& store = record(world, action.service);
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    if (action.verb == "stop" || action.verb == "start") return set(store.with("running", action.verb == "start" ? "true" : "false"));
    if (action.verb == "rebuild") return set(store.with("point", "now"));
    if (action.verb == "snapshot") {
      const std::string file = action.args.text("file");
      return set(copy_area(store, "points", "copy." + file).with("copies." + file, "now"));
    }
    const std::string from = action.args.text("from");
    if (!store.has("copies." + from)) return Outcome::refused(fmt::format("snapshot '{}' not found", from));
    if (action.verb == "untar") return Outcome::opaque("segments of the snapshot lie beside the old ones: what is then read, nobody knows");
    if (store.get("running") != "true") return Outcome::refused("connection refused: snapshots are recovered through the running API");
    return set(copy_area(store, "copy." + from, "points").with("point", store.get("copies." + from)));
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (action.verb == "snapshot") return {Undo::Class::exact, "", {}};
    if (action.verb == "stop") return {Undo::Class::exact, "", {same_service(action, "start", {})}};
    if (action.verb == "start") return {Undo::Class::exact, "", {same_service(action, "stop", {})}};
    return {Undo::Class::none, "what was overwritten is gone unless a snapshot was taken before", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string& name = context.plan().services[action.service].name;
    if (action.verb == "snapshot") traits.takes_backup = action.args.text("file");
    if (action.verb == "stop") traits.acquires = {"run of " + name};
    if (action.verb == "start") traits.releases = {"run of " + name};
    if (action.verb != "recover" && action.verb != "untar" && action.verb != "rebuild") return traits;
    if (action.verb != "rebuild") traits.restores_backup = action.args.text("from");
    traits.destroys = "points written since the snapshot";
    traits.needs_quiesce = "points written meanwhile are lost";
    if (action.verb == "recover") traits.leaves = {"aliases are not in a snapshot"};
    if (action.verb == "untar") traits.misdirected = "a snapshot is recovered through the API; unpacked over the storage it lies beside the old segments";
    return traits;
  }

  std::vector<Datum> data(const Context&, ServiceIndex, const State& state) const override {
    return area_data(static_cast<const Record&>(state), "points");
  }

  Outcome operate(const Context&, const World& world, const Operation& operation, const std::string& tag) const override {
    const Record& store = record(world, operation.on);
    if (store.get("running") != "true") return Outcome::refused("connection refused");
    std::string name = tag;
    for (char& c : name) c = c == '.' ? '_' : c;
    return Outcome::done().set(operation.on, store.with("points." + name, "new"));
  }

 protected:
  std::vector<std::string> incidental() const override { return {"copy", "copies", "point", "points"}; }
};

}  // namespace

const Kind& kind_vector_store() {
  static const VectorStoreKind kKind;
  return kKind;
}

}  // namespace backout::services
