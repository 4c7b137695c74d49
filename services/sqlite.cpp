// A SQLite database file.
//
// What the real thing does: in WAL mode recent writes live in `-wal` until a checkpoint. Copying
// only the main file misses them. Copying a backup over the main file while an old `-wal` is left
// behind brings all later writes back when the file is opened: the restore did nothing, and `PRAGMA
// integrity_check` says ok (measured: X15). A damaged copy is copied over the main file as well as
// a sound one is: `cp` says ok, and nothing can be read any more. A restore under a running app is
// torn. A file in a container is gone with the container. What this fake leaves out: SQL (a write is a row),
// page-level mixing, checkpoints that happen by themselves.
//
// Facts: file (present|malformed); rows.<id> (in the main file), wal.<id> (in the log), copies and `point` (the moment
// that the content is of) are not essential: what may not be lost is the data, see data().
#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/store.hpp"
#include "services/traffic.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> sqlite_verbs() {
  const auto row = field("row", ValueType::string, "Name of the row.", true);
  return {{"backup",
           {choice("method", {"cp", "backup_api", "vacuum_into"}, "How (default cp)."),
            field("file", ValueType::string, "Name of the copy.", true),
            field("location", ValueType::string, "Where the copy is kept."), command_field()},
           "Copies the database."},
          {"restore",
           {field("from", ValueType::string, "Name of the copy.", true),
            choice("wal", {"keep", "remove"}, "What becomes of -wal and -shm (default keep)."),
            command_field()},
           "Copies a backup over the database."},
          {"integrity_check", {command_field()}, "PRAGMA integrity_check."},
          {"write", {row, command_field()}, "Writes a row."},
          {"delete", {row, command_field()}, "Deletes a row."}};
}

model::KindSpec sqlite_spec() {
  return {"sqlite",
          "A SQLite database file.",
          false,
          {field("path", ValueType::string, "The file."),
           field("wal", ValueType::boolean, "WAL mode (default false)."),
           field("tables", ValueType::map, "table: number of rows before the deploy."),
           field("in", ValueType::service, "The app in whose container the file lives."),
           field("location", ValueType::string, "Volume that it lives on.")},
          sqlite_verbs()};
}

bool uses_wal(const Context& context, ServiceIndex self) {
  return context.plan().services[self].fields.flag("wal");
}

Record written(const Context& context, ServiceIndex self, const Record& db, std::string row) {
  std::replace(row.begin(), row.end(), '.', '_');
  return db.with((uses_wal(context, self) ? "wal." : "rows.") + row, "new");
}

Record checkpointed(const Record& db) {
  Amended next = db;
  for (const auto& [key, value] : db.facts()) {
    if (key.starts_with("wal.")) next.without(key).with("rows." + key.substr(4), value);
  }
  return next;
}

/// Why the file cannot be reached: its container is gone. Empty when it can.
std::string why_unreachable(const Context& context, const World& world, ServiceIndex self) {
  for (const ServiceIndex app :
       named_services(context.plan(), context.plan().services[self].fields, "in")) {
    const auto* record = dynamic_cast<const Record*>(world.states[app].get());
    if (record != nullptr && record->get("container") == "removed") {
      return fmt::format("the container of '{}' is gone: there is nothing to copy into",
                         context.plan().services[app].name);
    }
  }
  return {};
}

/// Why nothing can be read or written: the file is damaged. Empty when it can.
std::string why_unreadable(const Record& db) {
  return db.get("file") == "malformed" ? "database disk image is malformed" : "";
}

/// `db` after a damaged copy was put into its place.
Record malformed(const Record& db) {
  return without_area(without_area(db, "rows"), "wal").with("file", "malformed");
}

Outcome restore(const Context& context, const World& world, const Action& action) {
  const Record& db = world.record(action.service);
  const std::string from = action.args.text("from");
  if (from == "unknown") return Outcome::opaque("which copy it restores, the plan does not say");
  if (!db.has("copies." + from))
    return Outcome::refused(fmt::format("cannot stat '{}': No such file or directory", from));
  if (is_damaged(db, from)) {
    Outcome outcome = Outcome::refused(fmt::format("the file is malformed now, as '{}' is", from));
    outcome.reported_ok = true;
    return outcome.set(action.service, malformed(db));
  }
  const bool keeps_wal = action.args.text_or("wal", "keep") == "keep";
  if (keeps_wal && !area_data(db, "wal").empty()) {
    return Outcome::noop(
        "the -wal file that was left behind brings every later write back; the file opens and "
        "checks as ok");
  }
  Record next = copy_area(db, "copy." + from, "rows")
                    .with("point", db.get("copies." + from))
                    .with("file", "present");
  for (const auto& [key, value] : db.facts()) {
    if (key.starts_with("wal.")) next = next.without(key);
  }
  Outcome outcome = Outcome::done();
  if (keeps_wal && context.plan().services[action.service].fields.is_unknown("wal"))
    outcome = Outcome::opaque("whether a -wal file is left behind that brings every later write back, the plan does not say (`wal`)");
  const std::vector<ServiceIndex> busy = writers(context, world, action.service);
  if (!busy.empty()) {
    outcome = Outcome::opaque(
        fmt::format("'{}' writes while the file is replaced: what is then in it, nobody can say",
                    context.plan().services[busy.front()].name));
  }
  outcome.set(action.service, next);
  bring_back_kept(context, world, action.service, outcome);
  return outcome;
}

class SqliteKind : public RecordKind {
 public:
  SqliteKind() : RecordKind(sqlite_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const Plan& plan = context.plan();
    Amended record = Record({{"file", "present"}, {"point", "now"}});
    if (const model::Node* tables = plan.services[self].fields.find("tables")) {
      for (const model::Node::Entry& table : tables->entries)
        record.with("rows." + table.key, "old");
    }
    return with_backups(plan, self, record, "rows").share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& db = record(world, action.service);
    if (std::string why = why_unreachable(context, world, action.service); !why.empty())
      return Outcome::refused(why);
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    if (action.verb == "restore") return restore(context, world, action);
    const bool copies_file = action.verb == "backup" && action.args.text_or("method", "cp") == "cp";
    const std::string unreadable = why_unreadable(db);
    if (!unreadable.empty() && !copies_file) return Outcome::refused(unreadable);
    const std::string row = action.args.text("row");
    if (action.verb == "write") return set(written(context, action.service, db, row));
    if (action.verb == "delete") return set(db.without("rows." + row).without("wal." + row));
    if (action.verb == "integrity_check") return Outcome::done();
    if (action.verb != "backup") unhandled(spec(), action, "apply");
    const std::string file = action.args.text("file");
    const Record whole = copies_file ? db : checkpointed(db);
    const Record copied = copy_area(whole, "rows", "copy." + file).with("copies." + file, "now");
    const std::string damaged = "damaged." + file;
    Outcome outcome = set(unreadable.empty() ? copied.without(damaged) : copied.with(damaged, "true"));
    if (copies_file && context.plan().services[action.service].fields.is_unknown("wal")) {
      outcome.result = Outcome::Result::opaque;
      outcome.message = "whether writes are still in a -wal file that is not copied, the plan does not say (`wal`)";
    }
    return outcome;
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    return harmed_copy(context, world, action, harm, "rows");
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    Footprint print{{self}, {self}};
    if (action.verb == "integrity_check") print.writes.clear();
    const Plan& plan = context.plan();
    for (const ServiceIndex app :
         named_services(plan, plan.services[action.service].fields, "in")) {
      print.reads.push_back(resource(context, app));
    }
    if (action.verb == "restore") add_restore_footprint(context, action.service, print);
    std::sort(print.reads.begin(), print.reads.end());
    print.reads.erase(std::unique(print.reads.begin(), print.reads.end()), print.reads.end());
    std::sort(print.writes.begin(), print.writes.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& db = record(before, action.service);
    if (action.verb == "backup" || action.verb == "integrity_check")
      return {Undo::Class::exact, "", {}};
    const std::string row = action.args.text("row");
    const bool exists = db.has("rows." + row) || db.has("wal." + row);
    if (action.verb == "write" && exists)
      return {Undo::Class::lossy, "what the row held before", {}};
    if (action.verb == "write")
      return {Undo::Class::exact, "", {same_service(action, "delete", {{"row", row}})}};
    if (action.verb == "delete" && !exists) return {Undo::Class::exact, "", {}};
    if (!is_one_of(action.verb, {"delete", "restore"})) return {};
    return {Undo::Class::none, "what was overwritten is gone unless it was copied before", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const bool wal = uses_wal(context, action.service);
    traits.via =
        named_services(context.plan(), context.plan().services[action.service].fields, "in");
    if (action.verb == "backup") {
      traits.takes_backup = action.args.text("file");
      const bool copies_file = action.args.text_or("method", "cp") == "cp";
      if (wal && copies_file)
        traits.leaves = {"writes that are still in the -wal file are not in the copy"};
      if (copies_file) traits.needs_quiesce = "`cp` under a running app copies half-written pages";
    }
    if (action.verb == "integrity_check") traits.read_only = true;
    if (action.verb == "delete")
      traits.destroys = fmt::format("the row '{}'", action.args.text("row"));
    if (action.verb != "restore") return traits;
    traits.restores_backup = action.args.text("from");
    traits.unpinned_target = moving_target(traits.restores_backup);
    traits.destroys = "everything written since the backup";
    traits.needs_quiesce = "a copy under a running app is torn";
    if (wal && action.args.text_or("wal", "keep") == "keep") {
      traits.misdirected =
          "the -wal file that is left behind brings every later write back, and the integrity "
          "check passes";
    }
    return traits;
  }

  std::vector<Datum> data(const Context&, ServiceIndex, const State& state) const override {
    const Record& db = static_cast<const Record&>(state);
    std::vector<Datum> all = area_data(db, "rows");
    // A row is the same datum wherever it lies.
    for (const Datum& datum : area_data(db, "wal")) {
      const Datum row{"rows" + datum.id.substr(3), "rows"};
      if (std::ranges::find(all, row) == all.end()) all.push_back(row);
    }
    return all;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string& tag) const override {
    if (std::string why = why_unreachable(context, world, operation.on); !why.empty())
      return Outcome::refused(why);
    if (std::string why = why_unreadable(record(world, operation.on)); !why.empty())
      return Outcome::refused(why);
    const std::string row = operation.subject.empty() ? tag : operation.subject + '_' + tag;
    return Outcome::done().set(operation.on,
                               written(context, operation.on, record(world, operation.on), row));
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    return check_kept(context, world, check, {"rows", "wal"});
  }

 protected:
  std::vector<std::string> incidental() const override {
    return {"copy", "copies", "damaged", "point", "wal", "rows"};
  }

 private:
  static void add_restore_footprint(const Context& context, ServiceIndex self, Footprint& print) {
    const Plan& plan = context.plan();
    for (const ServiceIndex kept : kept_in(plan, self))
      print.writes.push_back(resource(context, kept));
    for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
      const bool uses =
          std::ranges::find(plan.services[i].uses, self) != plan.services[i].uses.end();
      const bool gates =
          plan.services[i].kind == "maintenance" || plan.services[i].fields.has("sides");
      if (uses || gates) print.reads.push_back(resource(context, i));
    }
  }
};

}  // namespace

const Kind& kind_sqlite() {
  static const SqliteKind kKind;
  return kKind;
}

}  // namespace backout::services
