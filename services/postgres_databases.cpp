// Databases of a server that are made, renamed and swapped, and who may connect to them.
#include <fmt/format.h>

#include "services/postgres_verbs.hpp"
#include "services/traffic.hpp"

namespace backout::services {

namespace {

constexpr const char* kRenameVerb = "rename_database";
constexpr TextArg kDatabaseName = TextArg("name", "Name.").required();
constexpr TextArg kNameNow = TextArg("from", "Name now.").required();
constexpr TextArg kNewName = TextArg("to", "New name.").required();
constexpr TextArg kSwapWith = TextArg("with", "The database that becomes live.").required();
constexpr TextArg kSwapKeepAs{"keep_as", "Name for the one that was live."};

PostgresState copy_of_state(const Call& call) {
  return postgres_state(call.world, call.action.service);
}

Outcome becomes_state(const Call& call, PostgresState state) {
  return Outcome::done().set(call.action.service, state.seal());
}

/// Why the live database cannot be renamed now; empty when it can.
std::string sessions_in_the_way(const Context& context, const World& world, ServiceIndex self) {
  const PostgresState& state = postgres_state(world, self);
  const std::vector<ServiceIndex> busy =
      state.locked ? std::vector<ServiceIndex>{} : connected(context, world, self);
  if (!state.has_sessions && busy.empty()) return {};
  return fmt::format(
      "database \"{}\" is being accessed by other users{}", state.live,
      busy.empty() ? "" : fmt::format(" ('{}')", context.plan().services[busy.front()].name));
}

Outcome rename_database(const Call& call) {
  const std::string from = call.arg(kNameNow);
  const std::string to = call.arg(kNewName);
  PostgresState state = copy_of_state(call);
  if (!state.databases.contains(from))
    return Outcome::refused(fmt::format("database \"{}\" does not exist", from));
  if (state.databases.contains(to))
    return Outcome::refused(fmt::format("database \"{}\" already exists", to));
  if (from == state.live) {
    if (std::string why = sessions_in_the_way(call.context, call.world, call.action.service);
        !why.empty())
      return Outcome::refused(why);
  }
  state.databases[to] = state.databases.at(from);
  state.databases.erase(from);
  return becomes_state(call, std::move(state));
}

Outcome create_database(const Call& call) {
  PostgresState state = copy_of_state(call);
  const std::string name = call.arg(kDatabaseName);
  if (state.databases.contains(name))
    return Outcome::refused(fmt::format("database \"{}\" already exists", name));
  state.databases[name];
  return becomes_state(call, std::move(state));
}

Action renaming(const Action& action, const std::string& from, const std::string& to) {
  return same_service(action, kRenameVerb, {{kNameNow.name(), from}, {kNewName.name(), to}});
}

/// The live one away, and the other one in.
std::vector<Action> renames_of_swap(const Call& call) {
  const std::string& live = postgres_state(call.world, call.action.service).live;
  std::vector<Action> both = {renaming(call.action, live, call.arg(kSwapKeepAs, live + "_old")),
                              renaming(call.action, call.arg(kSwapWith), live)};
  for (Action& each : both) each.label = call.action.label;
  return both;
}

Outcome swap_databases(const Call& call) {
  const std::vector<Action> both = renames_of_swap(call);
  const Applied away = run(call.context, call.world, both.front());
  if (!away.outcome.ok()) return away.outcome;
  return run(call.context, away.world, both.back()).outcome;
}

Undo undo_of_swap(const Call& call) {
  const std::string& live = postgres_state(call.world, call.action.service).live;
  return {Undo::Class::exact,
          "",
          {renaming(call.action, live, call.arg(kSwapWith)),
           renaming(call.action, call.arg(kSwapKeepAs, live + "_old"), live)}};
}

void rename_traits(const Context&, const Action&, Traits& traits) {
  traits.needs_quiesce = "a rename fails after 5 seconds while a session is open";
}

}  // namespace

VerbRow postgres_create_row() {
  return {
      {"create_database", {kDatabaseName}, "createdb."}, create_database, unknown_undo, no_traits};
}

VerbRow postgres_rename_row() {
  return {{kRenameVerb, {kNameNow, kNewName}, "ALTER DATABASE ... RENAME."},
          rename_database,
          [](const Call& call) {
            return Undo{Undo::Class::exact,
                        "",
                        {renaming(call.action, call.arg(kNewName), call.arg(kNameNow))}};
          },
          rename_traits};
}

VerbRow postgres_swap_row() {
  return {
      {"swap",
       {kSwapWith, kSwapKeepAs},
       "Renames the live database away and another one to its name."},
      swap_databases,
      undo_of_swap,
      [](const Context& context, const Action& action, Traits& traits) {
        rename_traits(context, action, traits);
        traits.leaves.push_back(
            "what was written since the copy was made stays in the database that was moved away");
      },
      renames_of_swap};
}

VerbRow postgres_terminate_row() {
  return {{"terminate_connections", {}, "Ends all other sessions."},
          [](const Call& call) {
            PostgresState state = copy_of_state(call);
            state.has_sessions = false;
            return becomes_state(call, std::move(state));
          },
          changes_nothing,
          no_traits};
}

VerbRow postgres_access_row(bool opens) {
  return {{opens ? "let_in" : "lock_out",
           {},
           opens ? "New sessions are let in." : "New sessions are refused."},
          [opens](const Call& call) {
            PostgresState state = copy_of_state(call);
            state.locked = !opens;
            if (state.locked) state.has_sessions = false;
            return becomes_state(call, std::move(state));
          },
          [opens](const Call& call) { return call.back(opens ? "lock_out" : "let_in"); },
          [opens](const Context& context, const Action& action, Traits& traits) {
            (opens ? traits.releases : traits.acquires)
                .push_back("access to " + context.plan().services[action.service].name);
          }};
}

}  // namespace backout::services
