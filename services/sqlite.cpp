// A SQLite database file.
//
// What the real thing does: in WAL mode recent writes live in `-wal` until a checkpoint. Copying only the main file
// misses them. Copying a backup over the main file while an old `-wal` is left behind brings all later writes back when
// the file is opened: the restore did nothing, and `PRAGMA integrity_check` says ok (measured: X15). A restore under a
// running app is torn.
// What this fake leaves out: SQL (writes are single rows), page-level mixing.
//
// Facts: rows.<id> (checkpointed), wal.<id> (in the log), file; copies and `point` (the moment that the content is of)
// are not essential.
#include <fmt/format.h>

#include "services/store.hpp"
#include "services/traffic.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec sqlite_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"sqlite", "A SQLite database file.", false,
          {field("path", ValueType::string, "The file."), field("wal", ValueType::boolean, "WAL mode (default false)."),
           field("tables", ValueType::map, "table: number of rows before the deploy."), field("location", ValueType::string, "Volume that it lives on.")},
          {{"backup", {choice("method", {"cp", "backup_api", "vacuum_into"}, "How (default cp)."), field("file", ValueType::string, "Name of the copy.", true),
                       field("location", ValueType::string, "Where the copy is kept."), command}, "Copies the database."},
           {"restore", {field("from", ValueType::string, "Name of the copy.", true), choice("wal", {"keep", "remove"}, "What becomes of -wal and -shm (default keep)."), command}, "Copies a backup over the database."},
           {"integrity_check", {command}, "PRAGMA integrity_check."},
           {"write", {field("row", ValueType::string, "Name of the row.", true), command}, "Writes a row."},
           {"delete", {field("row", ValueType::string, "Name of the row.", true), command}, "Deletes a row."}}};
}

class SqliteKind : public RecordKind {
 public:
  SqliteKind() : RecordKind(sqlite_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const Plan& plan = context.plan();
    Record record({{"file", "present"}, {"point", "now"}});
    if (const model::Node* tables = plan.services[self].fields.find("tables")) {
      for (const model::Node::Entry& table : tables->entries) record = record.with("rows." + table.key, "old");
    }
    for (const model::Backup& backup : plan.backups) {
      if (backup.of != self) continue;
      record = copy_area(record, "rows", "copy." + backup.name);
      record = record.with("copies." + backup.name, backup.age && !backup.age->unknown ? to_string(*backup.age) : backup.name);
    }
    return record.share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& db = record(world, action.service);
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    if (action.verb == "write") return set(write(context, action.service, db, action.args.text("row"), "new"));
    if (action.verb == "delete") return set(db.without("rows." + action.args.text("row")).without("wal." + action.args.text("row")));
    if (action.verb == "backup") {
      const std::string file = action.args.text("file");
      Record next = db;
      if (action.args.text_or("method", "cp") != "cp") next = checkpoint(next);
      next = copy_area(next, "rows", "copy." + file).with("copies." + file, "now");
      return set(next);
    }
    if (action.verb == "integrity_check") return Outcome::done();
    return restore(db, action);
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (action.verb == "backup" || action.verb == "integrity_check") return {Undo::Class::exact, "", {}};
    if (action.verb == "write") return {Undo::Class::exact, "", {same_service(action, "delete", {{"row", action.args.text("row")}})}};
    return {Undo::Class::none, "what was overwritten is gone unless it was copied before", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const bool wal = context.plan().services[action.service].fields.flag("wal");
    if (action.verb == "backup") {
      traits.takes_backup = action.args.text("file");
      if (wal && action.args.text_or("method", "cp") == "cp") traits.leaves = {"writes that are still in the -wal file are not in the copy"};
    }
    if (action.verb == "integrity_check") traits.read_only = true;
    if (action.verb == "restore") {
      traits.restores_backup = action.args.text("from");
      traits.destroys = "everything written since the backup";
      traits.needs_quiesce = "a copy under a running app is torn";
      if (wal && action.args.text_or("wal", "keep") == "keep") {
        traits.misdirected = "the -wal file that is left behind brings every later write back, and the integrity check passes";
      }
    }
    return traits;
  }

  std::vector<Datum> data(const Context&, ServiceIndex, const State& state) const override {
    const Record& db = static_cast<const Record&>(state);
    std::vector<Datum> all = area_data(db, "rows");
    for (Datum& datum : area_data(db, "wal")) all.push_back({"rows" + datum.id.substr(3), "rows"});
    return all;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation, const std::string& tag) const override {
    const Record& db = record(world, operation.on);
    if (db.get("file") != "present") return Outcome::refused("unable to open database file");
    return Outcome::done().set(operation.on, write(context, operation.on, db, operation.subject.empty() ? tag : operation.subject + "_" + tag, "new"));
  }

 protected:
  std::vector<std::string> incidental() const override { return {"copy", "copies", "point", "wal", "rows"}; }

 private:
  static Record write(const Context& context, ServiceIndex self, const Record& db, const std::string& row, const std::string& value) {
    const bool wal = context.plan().services[self].fields.flag("wal");
    std::string name = row;
    for (char& c : name) c = c == '.' ? '_' : c;
    return db.with((wal ? "wal." : "rows.") + name, value);
  }
  static Record checkpoint(const Record& db) {
    Record next = db;
    for (const auto& [key, value] : db.facts()) {
      if (key.starts_with("wal.")) next = next.without(key).with("rows." + key.substr(4), value);
    }
    return next;
  }
  static Outcome restore(const Record& db, const Action& action) {
    const std::string from = action.args.text("from");
    if (!db.has("copies." + from)) return Outcome::refused(fmt::format("cannot stat '{}': No such file or directory", from));
    const bool keeps_wal = action.args.text_or("wal", "keep") == "keep";
    Record next = copy_area(db, "copy." + from, "rows").with("point", db.get("copies." + from));
    if (keeps_wal && !area_data(db, "wal").empty()) {
      return Outcome::noop("the -wal file that was left behind brought every later write back; the file opens and checks as ok");
    }
    if (!keeps_wal) {
      for (const auto& [key, value] : db.facts()) {
        if (key.starts_with("wal.")) next = next.without(key);
      }
    }
    return Outcome::done().set(action.service, next);
  }
};

}  // namespace

const Kind& kind_sqlite() {
  static const SqliteKind kKind;
  return kKind;
}

}  // namespace backout::services
