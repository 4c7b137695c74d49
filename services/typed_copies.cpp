// Copies of databases whose statements are not executed.
#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/store.hpp"
#include "services/typed_store.hpp"

namespace backout::services {

namespace {

constexpr FlagArg kRestoreDrop{"drop", "Removes what the copy does not have (default false)."};
constexpr TextArg kRestoreAs{"as", "Name of the table that it makes."};

Outcome backup(const Call& call) {
  const std::string file = call.arg(kCopyFile);
  Record next = copy_area(call.now, "schema", "copy." + file + ".schema");
  next = copy_area(next, "rows", "copy." + file + ".rows");
  next = copy_area(next, "values", "copy." + file + ".values");
  const std::string perhaps = call.now.get("perhaps_of");
  const std::string left = perhaps.empty() ? call.now.get("data_of") : perhaps;
  if (!left.empty()) next = next.with("copy_of." + file, left);
  return call.becomes(next.with("copies." + file, call.arg(kCopyMethod, "unknown")));
}

/// The engine whose files the copy has; empty: it has none, or those that are there anyhow.
std::string files_of(const TypedStore& store, const Call& call) {
  const std::string method = call.now.get("copies." + call.arg(kCopyFrom));
  const bool is_dump = std::ranges::find(store.partial, method) != store.partial.end();
  const std::string left = call.now.get("copy_of." + call.arg(kCopyFrom));
  return !store.engines || is_dump || left == call.now.get("data_of") ? std::string() : left;
}

/// How the copy was made: as the step says, or else as its backup did.
std::string method_of(const Call& call) {
  return call.arg(kCopyMethod, call.now.get("copies." + call.arg(kCopyFrom)));
}

/// Whether nobody knows if what came after the copy goes, and something came.
bool may_leave_the_rest(const TypedStore& store, const Call& call) {
  if (method_of(call) != "unknown" || store.partial.empty() || call.arg(kRestoreDrop)) return false;
  const std::string from = "copy." + call.arg(kCopyFrom) + '.';
  return std::ranges::any_of(call.now.facts(), [&](const auto& fact) {
    const std::string& path = fact.first;
    const bool is_content = path.starts_with("schema.") || path.starts_with("rows.");
    return is_content && !call.now.has(from + path);
  });
}

bool leaves_the_rest(const TypedStore& store, const Call& call) {
  const std::string method = method_of(call);
  return !call.arg(kRestoreDrop) && std::ranges::find(store.partial, method) != store.partial.end();
}

Outcome restore_typed(const TypedStore& store, const Call& call) {
  const std::string from = call.arg(kCopyFrom);
  if (from == "unknown") return Outcome::opaque("which copy it restores, the plan does not say");
  if (!call.now.has("copies." + from))
    return Outcome::refused(fmt::format("no copy is named '{}'", from));
  if (store.restores_beside && !kRestoreAs.is_given(call.action.args))
    return Outcome::refused("TableAlreadyExistsException: Table already exists");
  if (store.restores_beside)
    return call.becomes(call.now.with("beside." + call.arg(kRestoreAs), from));
  Amended next = call.now;
  for (const char* area : {"schema", "rows", "values"}) {
    const std::string source = fmt::format("copy.{}.{}", from, area);
    if (!leaves_the_rest(store, call)) next = without_area(next, area);
    for (const auto& [key, value] : call.now.facts()) {
      if (key.starts_with(source + '.')) next.with(area + key.substr(source.size()), value);
    }
  }
  if (!may_leave_the_rest(store, call))
    return with_files_of(store.engines.value_or(Engines{}), call, next, files_of(store, call));
  return Outcome::opaque(
             "whether the copy leaves what came after it, the plan does not say (`method`)")
      .set(call.action.service, next);
}

}  // namespace

std::vector<VerbRow> typed_copy_rows(const TypedStore& store) {
  std::vector<std::string> methods = store.methods;
  methods.insert(methods.end(), store.partial.begin(), store.partial.end());
  methods.emplace_back("unknown");
  VerbRow back_up = {{"backup", {kCopyFile, kCopyMethod.among_all(methods)}, "Copies it."},
                     backup,
                     changes_nothing,
                     [](const Context&, const Action& action, Traits& traits) {
                       traits.takes_backup = kCopyFile.in(action.args);
                     }};
  std::vector<model::FieldSpec> args = {
      kCopyFrom,
      kCopyMethod.saying("How the copy was made (default: as `backup` said).").among_all(methods),
      kRestoreDrop};
  if (store.restores_beside) args.push_back(kRestoreAs);
  VerbRow bring_back = {
      {kRestoreVerb, args, "Puts a copy back."},
      [store](const Call& call) { return restore_typed(store, call); },
      [](const Call&) { return no_undo("what it overwrote is gone unless it was copied before"); },
      [store](const Context&, const Action& action, Traits& traits) {
        traits.restores_backup = kCopyFrom.in(action.args);
        if (store.restores_beside)
          traits.leaves = {"the table that apps use is as it was: the copy is beside it"};
        else
          traits.destroys = "everything written since the copy";
        const bool partial =
            std::ranges::find(store.partial, kCopyMethod.in(action.args)) != store.partial.end();
        if (partial && !kRestoreDrop.in(action.args)) traits.leaves = {store.partial_leaves};
      }};
  return {std::move(back_up), std::move(bring_back)};
}

}  // namespace backout::services
