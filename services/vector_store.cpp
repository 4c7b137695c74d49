// A vector store (Qdrant and its like): collections of points.
//
// What the real thing does: snapshots are taken and recovered through the API, per collection;
// aliases are not in them. Unpacking a snapshot over the storage folder leaves old segments beside
// new ones. A damaged snapshot is refused before anything is replaced. The hosted service restores
// through a support ticket. Points refer to records of another store; restored alone they refer to
// records that are not there. What this fake leaves out: vectors, search, replication, single
// collections of a snapshot.
//
// Facts: running; points.<id>, copies and `point` (the moment that the content is of) are not
// essential: what may not be lost is the data, see data().
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/app.hpp"
#include "services/engine.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"
#include "services/ticket.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kVectorSource =
    TextArg("from", "The store to rebuild from.").of(ValueType::service).required();
constexpr TextArg kVectorFrom = kCopyFrom.saying("Name of the snapshot.");
constexpr TextArg kVectorFile = kCopyFile.saying("Name of the snapshot.");
constexpr TextArg kVectorCollection{"collection", "Which collection."};
constexpr TextArg kVectorLocation{"location", "Where it is kept."};

/// The moment that the content of another store is of.
std::string point_of(const Context& context, const World& world, ServiceIndex store) {
  for (const Fact& fact : context.kind(store).facts(context, store, *world.states[store])) {
    if (fact.path == "point") return fact.value;
  }
  return "now";
}

Record initial_vector_store(const Context& context, ServiceIndex self,
                            std::vector<model::Mistake>&) {
  const Plan& plan = context.plan();
  Amended record = Record({{"running", "true"}, {"point", "now"}});
  for (const std::string& name : plan.services[self].fields.strings("collections"))
    record.with("points." + name, "old");
  return with_engine(plan.services[self], with_backups(plan, self, record, "points"));
}

/// What goes through the API, which answers while it runs.
Outcome through_api(const Call& call, Outcome (*then)(const Call&)) {
  return call.now.get("running") == "true" ? then(call) : Outcome::refused("connection refused");
}

/// Whether it is about one collection, and there are others, or nobody says.
bool is_of_one_of_several(const Call& call) {
  if (!kVectorCollection.is_given(call.action.args)) return false;
  const std::vector<std::string> all = call.self.fields.strings("collections");
  return all.size() != 1 || all.front() != call.arg(kVectorCollection);
}

Engines engines_of_vector_store() {
  return {.emptied = [](const Record& now) { return without_area(now, "points"); }};
}

Outcome snapshot(const Call& call) {
  const std::string file = call.arg(kVectorFile);
  Record next = copy_area(call.now, "points", "copy." + file)
                    .with("copies." + file, call.now.get("point"))
                    .without("damaged." + file);
  if (call.now.has("engine")) next = next.with("copy_of." + file, call.now.get("engine"));
  return call.becomes(is_of_one_of_several(call)
                          ? next.with("of." + file, call.arg(kVectorCollection))
                          : next.without("of." + file));
}

/// Why a snapshot cannot be restored: nobody says which, or there is none.
std::optional<Outcome> why_no_snapshot(const Call& call) {
  const std::string from = call.arg(kVectorFrom);
  if (from == "unknown")
    return Outcome::opaque("which snapshot it restores, the plan does not say");
  if (!call.now.has("copies." + from))
    return Outcome::refused(fmt::format("snapshot '{}' not found", from));
  return std::nullopt;
}

Record recovered(const Call& call) {
  const std::string from = call.arg(kVectorFrom);
  return copy_area(call.now, "copy." + from, "points")
      .with("point", call.now.get("copies." + from));
}

Outcome recover(const Call& call) {
  if (std::optional<Outcome> why = why_no_snapshot(call)) return *why;
  if (is_damaged(call.now, call.arg(kVectorFrom)))
    return Outcome::refused(
        fmt::format("snapshot '{}' cannot be read: nothing is recovered", call.arg(kVectorFrom)));
  return with_files_of(engines_of_vector_store(), call, recovered(call),
                       call.now.get("copy_of." + call.arg(kVectorFrom)));
}

/// Through the API it is one collection at a time.
Outcome recover_collection(const Call& call) {
  Outcome outcome = recover(call);
  const std::string part = "of." + call.arg(kVectorFrom);
  if (!outcome.ok() || (!is_of_one_of_several(call) && !call.now.has(part))) return outcome;
  outcome.result = Outcome::Result::opaque;
  outcome.message = fmt::format(
      "it recovers '{}' alone, and what becomes of the other collections, the plan does not say",
      call.now.has(part) ? call.now.get(part) : call.arg(kVectorCollection));
  return outcome;
}

Outcome untar(const Call& call) {
  if (std::optional<Outcome> why = why_no_snapshot(call)) return *why;
  return Outcome::opaque(
             "segments of the snapshot lie beside the old ones: which of them are read, nobody can "
             "say")
      .set(call.action.service, recovered(call));
}

Outcome rebuild(const Call& call) {
  const ServiceIndex source = call.context.plan().find_service(call.arg(kVectorSource));
  if (source == model::kNone)
    return Outcome::opaque("which store it is built from again, the plan does not say");
  return call.becomes(call.now.with("point", point_of(call.context, call.world, source)));
}

Undo undo_overwriting(const Call&) {
  return no_undo("what was overwritten is gone unless a snapshot was taken before");
}

void overwriting(const Context&, const Action& action, Traits& traits) {
  traits.needs_quiesce = "points that are written meanwhile are lost or mixed up";
  traits.restores_backup = kVectorFrom.in(action.args);
  traits.unpinned_target = moving_target(traits.restores_backup);
  traits.destroys = "points written since the snapshot";
}

void support_traits(const Context& context, const Action& action, Traits& traits) {
  overwriting(context, action, traits);
  wait_for_support(action, "the vendor's support", traits);
}

VerbRow running_row(bool runs, std::string help) {
  return {{runs ? "start" : "stop", {}, std::move(help)},
          [runs](const Call& call) {
            return call.becomes(call.now.with("running", runs ? "true" : "false"));
          },
          [](const Call& call) {
            return call.back(call.now.get("running") == "true" ? "start" : "stop");
          },
          [runs](const Context& context, const Action& action, Traits& traits) {
            (runs ? traits.releases : traits.acquires)
                .push_back("run of " + context.plan().services[action.service].name);
          }};
}

std::vector<VerbRow> verbs_of_vector_store() {
  return {{{"snapshot", {kVectorFile, kVectorCollection, kVectorLocation}, "Takes a snapshot."},
           [](const Call& call) { return through_api(call, snapshot); },
           changes_nothing,
           [](const Context& context, const Action& action, Traits& traits) {
             traits.takes_backup = kVectorFile.in(action.args);
             if (context.plan().services[action.service].fields.has("aliases"))
               traits.leaves = {"aliases are not in a snapshot"};
           }},
          {{"recover", {kVectorFrom, kVectorCollection}, "Recovers a snapshot through the API."},
           [](const Call& call) { return through_api(call, recover_collection); },
           undo_overwriting,
           [](const Context& context, const Action& action, Traits& traits) {
             overwriting(context, action, traits);
             if (context.plan().services[action.service].fields.has("aliases"))
               traits.leaves = {"aliases keep pointing where they point"};
           }},
          {{"untar", {kVectorFrom}, "Unpacks a snapshot over the storage folder."},
           untar,
           undo_overwriting,
           [](const Context& context, const Action& action, Traits& traits) {
             overwriting(context, action, traits);
             traits.misdirected =
                 "a snapshot is recovered through the API; unpacked over the storage it lies "
                 "beside the old segments";
           }},
          {{"ticket",
            {kVectorFrom, kTicketVendor, kTicketResponse},
            "Asks the vendor's support to restore a snapshot."},
           recover,
           undo_overwriting,
           support_traits},
          {{"rebuild", {kVectorSource}, "Makes all points anew."},
           [](const Call& call) { return through_api(call, rebuild); },
           undo_overwriting,
           [](const Context&, const Action&, Traits& traits) { traits.makes_anew = true; },
           {},
           [](const Context& context, const Action& action) {
             return itself_and(context, action, {{kVectorSource.in(action.args)}, {}});
           }},
          running_row(false, "Stops it."),
          running_row(true, "Starts it.")};
}

CheckResult check_vector_store(const Context& context, const World& world,
                               const model::Check& check) {
  if (check.type != model::Check::Type::http) return check_kept(context, world, check, {"points"});
  const bool runs = world.record(check.services.front()).get("running") == "true";
  const bool compares = kAskedExpect.is_given(check.args) || kAskedFailOnError.in(check.args);
  if (!runs && compares) return {CheckResult::Value::fail, "connection refused"};
  return {CheckResult::Value::pass, ""};
}

KindRow vector_row() {
  KindRow row;
  row.name = "vector_store";
  row.help = "Collections of vectors that belong to records elsewhere.";
  row.fields = {
      field("provider", ValueType::string, "Who runs it."),
      field("collections", ValueType::strings, "Its collections."),
      field("aliases", ValueType::strings, "Names that point to collections."),
      field("follows", ValueType::service, "The store whose records its points belong to."),
      field("location", ValueType::string, "Volume or account.")};
  for (model::FieldSpec& each : engine_fields(engines_of_vector_store()))
    row.fields.push_back(std::move(each));
  row.verbs = verbs_of_vector_store();
  for (VerbRow& each : engine_rows(engines_of_vector_store())) row.verbs.push_back(std::move(each));
  row.incidental = {"copy", "copies", "copy_of", "damaged", "of", "point", "points"};
  row.initial = initial_vector_store;
  row.data = [](const Plan&, ServiceIndex, const Record& store) {
    return area_data(store, "points");
  };
  row.operate = [](const Context&, const World& world, const Operation& operation,
                   const std::string& tag) {
    const Record& store = world.record(operation.on);
    if (store.get("running") != "true") return Outcome::refused("connection refused");
    std::string name = tag;
    std::replace(name.begin(), name.end(), '.', '_');
    return Outcome::done().set(operation.on, store.with("points." + name, "new"));
  };
  row.check = check_vector_store;
  row.harmed = [](const Context& context, const World& world, const Action& action, Harm harm) {
    return harmed_copy(context, world, action, harm, "points");
  };
  return row;
}

}  // namespace

const Kind& kind_vector_store() {
  static const std::unique_ptr<const Kind> kKind = make_kind(vector_row());
  return *kKind;
}

}  // namespace backout::services
