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

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> vector_verbs() {
  const auto from = field("from", ValueType::string, "Name of the snapshot.", true);
  const auto collection = field("collection", ValueType::string, "Which collection.");
  return {{"snapshot",
           {field("file", ValueType::string, "Name of the snapshot.", true), collection,
            field("location", ValueType::string, "Where it is kept."), command_field()},
           "Takes a snapshot."},
          {"recover", {from, collection, command_field()}, "Recovers a snapshot through the API."},
          {"untar", {from, command_field()}, "Unpacks a snapshot over the storage folder."},
          {"ticket",
           {from, field("vendor", ValueType::string, "Whose support."),
            field("response", ValueType::string, "Agreed response time, or unbounded (default)."),
            command_field()},
           "Asks the vendor's support to restore a snapshot."},
          {"rebuild",
           {field("from", ValueType::service, "The store to rebuild from.", true), command_field()},
           "Makes all points anew."},
          {"stop", {command_field()}, "Stops it."},
          {"start", {command_field()}, "Starts it."}};
}

model::KindSpec vector_spec() {
  return {"vector_store",
          "Collections of vectors that belong to records elsewhere.",
          false,
          {field("provider", ValueType::string, "Who runs it."),
           field("engine", ValueType::string, "Its make."),
           field("collections", ValueType::strings, "Its collections."),
           field("aliases", ValueType::strings, "Names that point to collections."),
           field("follows", ValueType::service, "The store whose records its points belong to."),
           field("location", ValueType::string, "Volume or account.")},
          vector_verbs()};
}

/// The moment that the content of another store is of.
std::string point_of(const Context& context, const World& world, ServiceIndex store) {
  for (const Fact& fact : context.kind(store).facts(context, store, *world.states[store])) {
    if (fact.path == "point") return fact.value;
  }
  return "now";
}

bool overwrites(const std::string& verb) {
  return verb == "recover" || verb == "untar" || verb == "ticket" || verb == "rebuild";
}

class VectorStoreKind : public RecordKind {
 public:
  VectorStoreKind() : RecordKind(vector_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const Plan& plan = context.plan();
    Amended record = Record({{"running", "true"}, {"point", "now"}});
    for (const std::string& name : plan.services[self].fields.strings("collections")) {
      record.with("points." + name, "old");
    }
    return with_backups(plan, self, record, "points").share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const Record& store = record(world, action.service);
    const std::string& verb = action.verb;
    const auto set = [&](const Record& next) { return Outcome::done().set(action.service, next); };
    const bool runs = store.get("running") == "true";
    if (verb == "stop" || verb == "start")
      return set(store.with("running", verb == "start" ? "true" : "false"));
    if (!is_one_of(verb, {"snapshot", "recover", "rebuild", "untar", "ticket"})) unhandled(spec(), action, "apply");
    const bool through_api = verb == "snapshot" || verb == "recover" || verb == "rebuild";
    if (through_api && !runs) return Outcome::refused("connection refused");
    if (verb == "snapshot") {
      const std::string file = action.args.text("file");
      return set(copy_area(store, "points", "copy." + file)
                     .with("copies." + file, store.get("point"))
                     .without("damaged." + file));
    }
    const std::string from = action.args.text("from");
    if (verb == "rebuild") {
      const ServiceIndex source = context.plan().find_service(from);
      if (source == model::kNone) return Outcome::opaque("which store it is built from again, the plan does not say");
      return set(store.with("point", point_of(context, world, source)));
    }
    if (from == "unknown")
      return Outcome::opaque("which snapshot it restores, the plan does not say");
    if (!store.has("copies." + from))
      return Outcome::refused(fmt::format("snapshot '{}' not found", from));
    const Record restored =
        copy_area(store, "copy." + from, "points").with("point", store.get("copies." + from));
    if (verb != "untar" && is_damaged(store, from))
      return Outcome::refused(fmt::format("snapshot '{}' cannot be read: nothing is recovered", from));
    if (verb != "untar") return set(restored);
    return Outcome::opaque(
               "segments of the snapshot lie beside the old ones: which of them are read, nobody "
               "can say")
        .set(action.service, restored);
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    return harmed_copy(context, world, action, harm, "points");
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    Footprint print{{self}, {self}};
    if (action.verb == "rebuild") print.reads.push_back(action.args.text("from"));
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const bool ran = record(before, action.service).get("running") == "true";
    if (action.verb == "snapshot") return {Undo::Class::exact, "", {}};
    if (action.verb == "stop" || action.verb == "start") {
      return {Undo::Class::exact, "", {same_service(action, ran ? "start" : "stop", {})}};
    }
    if (!is_one_of(action.verb, {"recover", "rebuild", "untar", "ticket"})) return {};
    return {
        Undo::Class::none, "what was overwritten is gone unless a snapshot was taken before", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const model::Service& service = context.plan().services[action.service];
    if (action.verb == "snapshot") {
      traits.takes_backup = action.args.text("file");
      if (service.fields.has("aliases")) traits.leaves = {"aliases are not in a snapshot"};
    }
    if (action.verb == "stop") traits.acquires = {"run of " + service.name};
    if (action.verb == "start") traits.releases = {"run of " + service.name};
    if (!overwrites(action.verb)) return traits;
    if (action.verb == "rebuild") return traits;
    traits.needs_quiesce = "points that are written meanwhile are lost or mixed up";
    traits.restores_backup = action.args.text("from");
    traits.unpinned_target = moving_target(traits.restores_backup);
    traits.destroys = "points written since the snapshot";
    if (action.verb == "recover" && service.fields.has("aliases"))
      traits.leaves = {"aliases keep pointing where they point"};
    if (action.verb == "untar") {
      traits.misdirected =
          "a snapshot is recovered through the API; unpacked over the storage it lies beside the "
          "old segments";
    }
    if (action.verb == "ticket") add_ticket_traits(action, traits);
    return traits;
  }

  std::vector<Datum> data(const Context&, ServiceIndex, const State& state) const override {
    return area_data(static_cast<const Record&>(state), "points");
  }

  Outcome operate(const Context&, const World& world, const Operation& operation,
                  const std::string& tag) const override {
    const Record& store = record(world, operation.on);
    if (store.get("running") != "true") return Outcome::refused("connection refused");
    std::string name = tag;
    std::replace(name.begin(), name.end(), '.', '_');
    return Outcome::done().set(operation.on, store.with("points." + name, "new"));
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    if (check.type == model::Check::Type::http) {
      const bool runs = record(world, check.services.front()).get("running") == "true";
      const bool compares = check.args.has("expect") || check.args.flag("fail_on_error");
      if (!runs && compares) return {CheckResult::Value::fail, "connection refused"};
      return {CheckResult::Value::pass, ""};
    }
    return check_kept(context, world, check, {"points"});
  }

 protected:
  std::vector<std::string> incidental() const override {
    return {"copy", "copies", "damaged", "point", "points"};
  }

 private:
  static void add_ticket_traits(const Action& action, Traits& traits) {
    const std::string response = action.args.text_or("response", "unbounded");
    if (response != "unbounded" && response != "unknown") return;
    const std::string vendor = action.args.text_or("vendor", "the vendor's support");
    traits.waits_for = fmt::format("waits for {}, which answers when it answers", vendor);
  }
};

}  // namespace

const Kind& kind_vector_store() {
  static const VectorStoreKind kKind;
  return kKind;
}

}  // namespace backout::services
