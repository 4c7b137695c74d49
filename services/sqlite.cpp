// A SQLite database file.
//
// What the real thing does: in WAL mode recent writes live in `-wal` until a checkpoint. Copying
// only the main file misses them. Copying a backup over the main file while an old `-wal` is left
// behind brings all later writes back when the file is opened: the restore did nothing, and `PRAGMA
// integrity_check` says ok (measured: X15). A damaged copy is copied over the main file as well as
// a sound one is: `cp` says ok, and nothing can be read any more. A restore under a running app is
// torn. A file in a container is gone with the container. What this fake leaves out: SQL (a write
// is a row), page-level mixing, checkpoints that happen by themselves.
//
// Facts: file (present|malformed); rows.<id> (in the main file), wal.<id> (in the log), copies and
// `point` (the moment that the content is of) are not essential: what may not be lost is the data,
// see data().
#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"
#include "services/traffic.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kSqliteRow = TextArg("row", "Name of the row.").required();
constexpr TextArg kSqliteMethod =
    TextArg("method", "How (default cp).").among({"cp", "backup_api", "vacuum_into"});
constexpr TextArg kSqliteLocation{"location", "Where the copy is kept."};
constexpr TextArg kSqliteWal =
    TextArg("wal", "What becomes of -wal and -shm (default keep).").among({"keep", "remove"});

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

Outcome restore_file(const Context& context, const World& world, const Action& action) {
  const Record& db = world.record(action.service);
  const std::string from = kCopyFrom.in(action.args);
  if (from == "unknown") return Outcome::opaque("which copy it restores, the plan does not say");
  if (!db.has("copies." + from))
    return Outcome::refused(fmt::format("cannot stat '{}': No such file or directory", from));
  if (is_damaged(db, from)) {
    Outcome outcome = Outcome::refused(fmt::format("the file is malformed now, as '{}' is", from));
    outcome.reported_ok = true;
    return outcome.set(action.service, malformed(db));
  }
  const bool keeps_wal = kSqliteWal.in(action.args, "keep") == "keep";
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
    outcome = Outcome::opaque(
        "whether a -wal file is left behind that brings every later write back, the plan does not "
        "say (`wal`)");
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

Record initial_sqlite(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
  const Plan& plan = context.plan();
  Amended record = Record({{"file", "present"}, {"point", "now"}});
  if (const model::Node* tables = plan.services[self].fields.find("tables")) {
    for (const model::Node::Entry& table : tables->entries) record.with("rows." + table.key, "old");
  }
  return with_backups(plan, self, record, "rows");
}

/// What is done to a file that is there.
Outcome in_reach(const Call& call, Outcome (*then)(const Call&)) {
  std::string why = why_unreachable(call.context, call.world, call.action.service);
  return why.empty() ? then(call) : Outcome::refused(std::move(why));
}

/// Why the file cannot be read: it is not there, or it is damaged.
std::string why_no_file(const Context& context, const World& world, ServiceIndex self) {
  std::string why = why_unreachable(context, world, self);
  return why.empty() ? why_unreadable(world.record(self)) : why;
}

/// What is done to a file that is there and can be read.
Outcome in_sound_file(const Call& call, Outcome (*then)(const Call&)) {
  std::string why = why_no_file(call.context, call.world, call.action.service);
  return why.empty() ? then(call) : Outcome::refused(std::move(why));
}

bool copies_file(const Action& action) { return kSqliteMethod.in(action.args, "cp") == "cp"; }

Record with_copy(const Call& call, const Record& whole) {
  const std::string file = call.arg(kCopyFile);
  return copy_area(whole, "rows", "copy." + file).with("copies." + file, "now");
}

Outcome copy_file(const Call& call) {
  const std::string damaged = "damaged." + call.arg(kCopyFile);
  const Record copied = with_copy(call, call.now);
  Outcome outcome = call.becomes(why_unreadable(call.now).empty() ? copied.without(damaged)
                                                                  : copied.with(damaged, "true"));
  if (!call.self.fields.is_unknown("wal")) return outcome;
  outcome.result = Outcome::Result::opaque;
  outcome.message =
      "whether writes are still in a -wal file that is not copied, the plan does not say (`wal`)";
  return outcome;
}

Outcome copy_by_database(const Call& call) {
  return call.becomes(
      with_copy(call, checkpointed(call.now)).without("damaged." + call.arg(kCopyFile)));
}

bool has_row(const Call& call) {
  return call.now.has("rows." + call.arg(kSqliteRow)) ||
         call.now.has("wal." + call.arg(kSqliteRow));
}

/// All of it, and the containers that it lives in.
Footprint with_containers(const Context& context, const Action& action) {
  Footprint print = itself_and(context, action, {});
  for (const ServiceIndex app :
       named_services(context.plan(), context.plan().services[action.service].fields, "in")) {
    print.reads.push_back(resource(context, app));
  }
  return print;
}

/// Who writes meanwhile decides what a restore leaves; what lives in the file comes back with it.
Footprint touched_by_restore(const Context& context, const Action& action) {
  Footprint print = with_containers(context, action);
  const Plan& plan = context.plan();
  for (const ServiceIndex kept : kept_in(plan, action.service))
    print.writes.push_back(resource(context, kept));
  for (std::string& path : users_of(context, action.service))
    print.reads.push_back(std::move(path));
  std::sort(print.reads.begin(), print.reads.end());
  print.reads.erase(std::unique(print.reads.begin(), print.reads.end()), print.reads.end());
  std::sort(print.writes.begin(), print.writes.end());
  return print;
}

void via_containers(const Context& context, const Action& action, Traits& traits) {
  traits.via = named_services(context.plan(), context.plan().services[action.service].fields, "in");
}

void backup_traits(const Context& context, const Action& action, Traits& traits) {
  via_containers(context, action, traits);
  traits.takes_backup = kCopyFile.in(action.args);
  if (!copies_file(action)) return;
  if (uses_wal(context, action.service))
    traits.leaves = {"writes that are still in the -wal file are not in the copy"};
  traits.needs_quiesce = "`cp` under a running app copies half-written pages";
}

void restore_file_traits(const Context& context, const Action& action, Traits& traits) {
  via_containers(context, action, traits);
  traits.restores_backup = kCopyFrom.in(action.args);
  traits.unpinned_target = moving_target(traits.restores_backup);
  traits.destroys = "everything written since the backup";
  traits.needs_quiesce = "a copy under a running app is torn";
  if (!uses_wal(context, action.service) || kSqliteWal.in(action.args, "keep") != "keep") return;
  traits.misdirected =
      "the -wal file that is left behind brings every later write back, and the integrity check "
      "passes";
}

constexpr const char* kOverwritten = "what was overwritten is gone unless it was copied before";

VerbRow write_row(const model::FieldSpec& row) {
  return {{"write", {row}, "Writes a row."},
          [](const Call& call) {
            return in_sound_file(call, [](const Call& at) {
              return at.becomes(written(at.context, at.action.service, at.now, at.arg(kSqliteRow)));
            });
          },
          [](const Call& call) {
            return has_row(call) ? Undo{Undo::Class::lossy, "what the row held before", {}}
                                 : call.back("delete", {{kSqliteRow.name(), call.arg(kSqliteRow)}});
          },
          via_containers};
}

VerbRow delete_row(const model::FieldSpec& row) {
  return {
      {"delete", {row}, "Deletes a row."},
      [](const Call& call) {
        return in_sound_file(call, [](const Call& at) {
          return at.becomes(
              at.now.without("rows." + at.arg(kSqliteRow)).without("wal." + at.arg(kSqliteRow)));
        });
      },
      [](const Call& call) { return has_row(call) ? no_undo(kOverwritten) : nothing_to_undo(); },
      [](const Context& context, const Action& action, Traits& traits) {
        via_containers(context, action, traits);
        traits.destroys = fmt::format("the row '{}'", kSqliteRow.in(action.args));
      }};
}

std::vector<VerbRow> verbs_of_sqlite() {
  return {{{"backup", {kSqliteMethod, kCopyFile, kSqliteLocation}, "Copies the database."},
           [](const Call& call) {
             return copies_file(call.action) ? in_reach(call, copy_file)
                                             : in_sound_file(call, copy_by_database);
           },
           changes_nothing,
           backup_traits},
          {{kRestoreVerb, {kCopyFrom, kSqliteWal}, "Copies a backup over the database."},
           [](const Call& call) {
             return in_reach(call, [](const Call& at) {
               return restore_file(at.context, at.world, at.action);
             });
           },
           [](const Call&) { return no_undo(kOverwritten); },
           restore_file_traits,
           {},
           touched_by_restore},
          {{"integrity_check", {}, "PRAGMA integrity_check."},
           [](const Call& call) { return in_sound_file(call, does_nothing); },
           changes_nothing,
           [](const Context& context, const Action& action, Traits& traits) {
             via_containers(context, action, traits);
             traits.read_only = true;
           },
           {},
           [](const Context& context, const Action& action) {
             return Footprint{with_containers(context, action).reads, {}};
           }},
          write_row(kSqliteRow),
          delete_row(kSqliteRow)};
}

std::vector<Datum> rows_of_file(const Plan&, ServiceIndex, const Record& db) {
  std::vector<Datum> all = area_data(db, "rows");
  // A row is the same datum wherever it lies.
  for (const Datum& datum : area_data(db, "wal")) {
    const Datum row{"rows" + datum.id.substr(3), "rows"};
    if (std::ranges::find(all, row) == all.end()) all.push_back(row);
  }
  return all;
}

Outcome write_to_file(const Context& context, const World& world, const Operation& operation,
                      const std::string& tag) {
  const Record& db = world.record(operation.on);
  if (std::string why = why_no_file(context, world, operation.on); !why.empty())
    return Outcome::refused(why);
  const std::string row = operation.subject.empty() ? tag : operation.subject + '_' + tag;
  return Outcome::done().set(operation.on, written(context, operation.on, db, row));
}

KindRow sqlite_row() {
  KindRow row;
  row.name = "sqlite";
  row.help = "A SQLite database file.";
  row.fields = {field("path", ValueType::string, "The file."),
                field("wal", ValueType::boolean, "WAL mode (default false)."),
                field("tables", ValueType::map, "table: number of rows before the deploy."),
                field("in", ValueType::service, "The app in whose container the file lives."),
                field("location", ValueType::string, "Volume that it lives on.")};
  row.verbs = verbs_of_sqlite();
  row.incidental = {"copy", "copies", "damaged", "point", "wal", "rows"};
  row.initial = initial_sqlite;
  row.footprint = with_containers;
  row.data = rows_of_file;
  row.operate = write_to_file;
  row.check = [](const Context& context, const World& world, const model::Check& check) {
    return check_kept(context, world, check, {"rows", "wal"});
  };
  row.harmed = [](const Context& context, const World& world, const Action& action, Harm harm) {
    return harmed_copy(context, world, action, harm, "rows");
  };
  return row;
}

}  // namespace

const Kind& kind_sqlite() {
  static const std::unique_ptr<const Kind> kKind = make_kind(sqlite_row());
  return *kKind;
}

}  // namespace backout::services
