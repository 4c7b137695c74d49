// Dumps and restores, and row counts to compare with.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "postgres/catalog/server_version.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/postgres_facts.hpp"
#include "services/postgres_verbs.hpp"
#include "services/store.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

constexpr TextArg kDumpFile = kCopyFile.saying("Name of the dump.");
constexpr TextArg kDumpFormat = TextArg("format", "Format of the dump (default custom).")
                                    .among({"custom", "plain", "directory", "snapshot", "unknown"})
                                    .or_else("custom");
constexpr TextArg kDumpLocation{"location", "Where it is kept."};
constexpr FlagArg kDumpVerify{"verify", "It is read back."};
constexpr TextArg kDumpFrom = kCopyFrom.saying("Name of the dump.");
constexpr TextArg kRestoreTool = kCopyTool.saying("What restores it (default pg_restore).")
                                     .among({"pg_restore", "psql", "snapshot", "pitr", "unknown"})
                                     .or_else("pg_restore");
constexpr FlagArg kRestoreClean{"clean", "Drops objects of the dump first (--clean --if-exists)."};
constexpr TextArg kRestoreInto{"into", "Database (default: the live one)."};
constexpr FlagArg kRestoreExits{"exit_on_error", "Stops at the first error."};
constexpr FlagArg kRestoreWhole{"transaction",
                                "All in one transaction: --single-transaction (default false)."};
constexpr FlagArg kRestoreReplay{"replay", "Replays the WAL up to a moment."};
constexpr ListArg kBaselineTables{"tables", "Tables."};
constexpr TextArg kBaselineName =
    TextArg("name", "Name of the baseline (default: baseline).").or_else("baseline");

/// What is there when a restore stops in the middle: first come the tables, then the rows of one
/// after the other.
pg::Database first_half(const pg::Database& whole) {
  std::map<std::string, std::uint32_t> tables;
  whole.for_each([&](const pg::Object& object) {
    if (object.kind == pg::ObjectKind::table) tables.emplace(fact_name(whole, object), object.id);
  });
  pg::Database half = whole;
  std::size_t filled = tables.size() / 2;
  for (const auto& [name, table] : tables) {
    if (filled > 0)
      --filled;
    else
      half.rows().store(table, {});
  }
  return half;
}

/// Whether the dump is of a newer major version than the one that runs.
bool is_of_a_newer(const Dump& dump, const PostgresState& state) {
  return !dump.engine.empty() && !state.engine.empty() &&
         std::atoi(dump.engine.c_str()) > std::atoi(state.engine.c_str());
}

/// `restored`, of a dump: that a dump loads into an older major version, nobody promises. Source:
/// PostgreSQL manual, "pg_dump", Notes.
Outcome into_an_older(Outcome restored, const Dump& dump, const PostgresState& state) {
  if (!is_of_a_newer(dump, state)) return restored;
  restored.result = Outcome::Result::opaque;
  restored.message = fmt::format(
      "whether a dump of PostgreSQL {} loads into version {} is not known: pg_dump does not "
      "promise it",
      dump.engine, state.engine);
  return restored;
}

Outcome restore_dump(const Call& call) {
  const PostgresState& before = postgres_state(call.world, call.action.service);
  const std::string from = call.arg(kDumpFrom);
  if (from == "unknown") return Outcome::opaque("which copy it restores, the plan does not say");
  const auto dump = before.dumps.find(from);
  if (dump == before.dumps.end())
    return Outcome::refused(
        fmt::format("could not open input file \"{}\": No such file or directory", from));
  const std::string tool = call.arg(kRestoreTool);
  const std::string& format = dump->second.format;
  if (format == "unknown" || tool == "unknown")
    return Outcome::opaque(
        fmt::format("whether {} reads '{}' ({} format) is not known", tool, from, format));
  if (tool == "pg_restore" && format == "plain")
    return Outcome::refused(
        "pg_restore: error: input file appears to be a text format dump. Please use psql.");
  if (tool == "psql" && format != "plain") {
    Outcome outcome = Outcome::refused(
        "The input is a PostgreSQL custom-format dump. Use the pg_restore command-line client to "
        "restore this dump to a database.");
    outcome.reported_ok = !call.arg(kRestoreExits);
    return outcome;
  }
  if (is_of_a_newer(dump->second, before) && format == "snapshot")
    return Outcome::refused(
        fmt::format("The data directory was initialized by PostgreSQL version {}, which is not "
                    "compatible with this version {}",
                    dump->second.engine, before.engine));
  PostgresState after = before;
  const std::string into = call.arg(kRestoreInto, before.live);
  const auto target = after.databases.find(into);
  if (target == after.databases.end())
    return Outcome::refused(fmt::format("database \"{}\" does not exist", into));
  std::set<std::string> later;
  bool refers = false;
  bool in_the_way = false;
  std::set<std::string> dumped;
  dump->second.content.for_each(
      [&](const pg::Object& object) { dumped.insert(fact_name(dump->second.content, object)); });
  target->second.for_each([&](const pg::Object& object) {
    const bool is_new = !dumped.contains(fact_name(target->second, object));
    if (object.kind == pg::ObjectKind::table && is_new)
      later.insert(fact_name(target->second, object));
    in_the_way = in_the_way || (object.kind == pg::ObjectKind::table && !is_new);
    const auto* constraint = target->second.get<pg::Constraint>(object.id);
    const pg::Object* table =
        constraint == nullptr ? nullptr : target->second.find(constraint->parent);
    if (constraint == nullptr || constraint->type != 'f' || table == nullptr) return;
    refers =
        refers ||
        (!dumped.contains(fact_name(target->second, *table)) &&
         target->second.find(constraint->referenced) != nullptr &&
         dumped.contains(fact_name(target->second, *target->second.find(constraint->referenced))));
  });
  const bool replaces = tool == "snapshot" || tool == "pitr" || into != before.live;
  if (!replaces && in_the_way && !call.arg(kRestoreClean))
    return Outcome::refused("relations of the dump already exist; nothing was replaced");
  if (!replaces && refers)
    return Outcome::refused(
        "errors ignored on restore: a foreign key of a table that came later keeps the restored "
        "tables from being dropped; the rows are those from before the restore");
  const bool damaged = dump->second.damaged;
  const bool all_or_nothing = tool == "snapshot" || tool == "pitr" || call.arg(kRestoreWhole);
  if (damaged && all_or_nothing)
    return Outcome::refused(
        fmt::format("'{}' cannot be read to its end: nothing is restored", from));
  target->second = damaged ? first_half(dump->second.content) : dump->second.content;
  if (!after.engine.empty()) pg::set_server(target->second, std::atoi(after.engine.c_str()));
  if (into == before.live) {
    after.point = call.arg(kRestoreReplay) ? before.point : dump->second.point;
    after.leftovers = replaces ? std::set<std::string>{} : later;
  }
  if (!damaged) {
    return into_an_older(Outcome::done().set(call.action.service, after.seal()), dump->second,
                         before);
  }
  Outcome outcome =
      Outcome::refused(fmt::format("could not read from input file '{}': end of file", from));
  outcome.reported_ok = tool == "psql" && !call.arg(kRestoreExits);
  return outcome.set(call.action.service, after.seal());
}

/// The format that the tool does not read; empty when it reads all, or which it is is not known.
std::string unreadable_format(const std::string& tool) {
  if (tool == "pg_restore") return "plain";
  return tool == "psql" ? "custom" : "";
}

/// Whether a step of the plan restores the dump. If none does, what it holds makes no difference
/// between two states.
bool is_restored(const Context& context, ServiceIndex self, const std::string& dump) {
  return std::ranges::any_of(context.plan().steps, [&](const model::Step& step) {
    return step.target == self && step.verb == kRestoreVerb && kDumpFrom.in(step.args) == dump;
  });
}

Outcome dump_database(const Call& call, PostgresState state) {
  const std::string file = call.arg(kDumpFile);
  const pg::Database content =
      is_restored(call.context, call.action.service, file) ? *state.database() : pg::Database();
  state.dumps[file] = {content, call.arg(kDumpFormat), "now", false, state.engine};
  return Outcome::done().set(call.action.service, state.seal());
}

Outcome count_rows_of_tables(const Call& call, PostgresState state) {
  const std::string name = call.arg(kBaselineName);
  state.baselines[name] = 0;
  const std::vector<std::string> only = call.arg(kBaselineTables);
  const bool of_all = only.empty() || kBaselineTables.is_unknown(call.action.args);
  for (const auto& [id, rows] : state.database()->rows().all()) {
    const auto* table = state.database()->get<pg::Table>(id);
    if (table == nullptr) continue;
    const std::string fact = fact_name(*state.database(), *table);
    if (of_all || holds(only, fact) || holds(only, "public." + fact))
      state.baselines[name + ' ' + fact] = rows->rows.size();
  }
  return Outcome::done().set(call.action.service, state.seal());
}

bool deploy_makes_tables(const Context& context, ServiceIndex self) {
  const Plan& plan = context.plan();
  return std::any_of(
      plan.steps.begin(), plan.steps.begin() + static_cast<std::ptrdiff_t>(plan.deploy_count),
      [&](const model::Step& step) {
        if (step.target != self || migrate_makes_table(step.args)) return step.target == self;
        const pg::Script script = pg::Script::parse(sql_of(context, action_of(plan, step)));
        return std::ranges::any_of(script.statements(), [](const pg::Script::Statement& statement) {
          return statement.tree->node_case == PG_QUERY__NODE__NODE_CREATE_STMT ||
                 statement.tree->node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT;
        });
      });
}

void restore_dump_traits(const Context& context, const Action& action, Traits& traits) {
  const Args& args = action.args;
  const model::Service& self = context.plan().services[action.service];
  traits.restores_backup = kDumpFrom.in(args);
  traits.unpinned_target = moving_target(traits.restores_backup);
  const std::string into = kRestoreInto.in(args);
  const bool live = into.empty() || into == self.fields.text_or("database", self.name);
  if (live) {
    traits.destroys = "everything written since the dump";
    traits.needs_quiesce = "what they write meanwhile is lost or makes the restore fail";
    if (kRestoreClean.in(args) && deploy_makes_tables(context, action.service))
      traits.leaves.push_back("tables that came after the dump stay");
  }
  if (kRestoreTool.in(args) == "pitr" && !kRestoreReplay.in(args))
    traits.misdirected = "without a replay of the WAL it goes back to the dump, not to a moment";
}

Changes harmed_dump(const Call& call, Harm harm) {
  PostgresState state = postgres_state(call.world, call.action.service);
  const auto become = [&]() -> Changes {
    const StatePtr next = state.seal();
    if (next->equals(*call.world.states[call.action.service])) return {};
    return {{call.action.service, next}};
  };
  const auto dump = state.dumps.find(call.arg(kDumpFrom));
  if (dump == state.dumps.end()) return {};
  if (harm == Harm::gone) {
    state.dumps.erase(dump);
    return become();
  }
  if (harm == Harm::corrupt) {
    dump->second.damaged = true;
    return become();
  }
  if (harm == Harm::wrong_format) {
    const std::string other = unreadable_format(call.arg(kRestoreTool));
    if (other.empty() || dump->second.format == "unknown") return {};
    dump->second.format = other;
    return become();
  }
  if (harm != Harm::stale) return {};
  std::vector<model::Mistake> reported_before;
  const StatePtr first = call.context.kind(call.action.service)
                             .initial(call.context, call.action.service, reported_before);
  const pg::Database* before = static_cast<const PostgresState&>(*first).database();
  if (before == nullptr) return {};
  dump->second.content = *before;
  dump->second.point = "before the deploy";
  return become();
}

/// It reads the tables and writes what is no table.
auto reads_tables(const char* written) {
  return [written](const Context& context, const Action& action) {
    return Footprint{{resource(context, action.service, "tables")},
                     {resource(context, action.service, written)}};
  };
}

}  // namespace

VerbRow postgres_backup_row() {
  return {{"backup", {kDumpFile, kDumpFormat, kDumpLocation, kDumpVerify}, "Dumps the database."},
          [](const Call& call) { return on_live_database(call, dump_database); },
          changes_nothing,
          [](const Context&, const Action& action, Traits& traits) {
            traits.takes_backup = kDumpFile.in(action.args);
          },
          {},
          reads_tables("dumps")};
}

VerbRow postgres_restore_row() {
  return {
      {kRestoreVerb,
       {kDumpFrom, kRestoreTool, kRestoreClean, kRestoreInto, kRestoreExits, kRestoreWhole,
        kRestoreReplay},
       "Restores a dump."},
      restore_dump,
      [](const Call&) { return no_undo("what it replaced is gone unless it was dumped before"); },
      restore_dump_traits,
      {},
      {},
      [](const Call& call, Harm harm) {
        return harm == Harm::connected ? connected_sessions(call.world, call.action.service)
                                       : harmed_dump(call, harm);
      }};
}

VerbRow postgres_baseline_row() {
  return {{"count_baseline",
           {kBaselineTables, kBaselineName},
           "Records row counts to compare with later."},
          [](const Call& call) { return on_live_database(call, count_rows_of_tables); },
          changes_nothing,
          no_traits,
          {},
          reads_tables("baselines")};
}

}  // namespace backout::services
