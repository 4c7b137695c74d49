#include "services/typed_store.hpp"

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/give_back.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr NodeArg kChangeSet{"set",
                             "path: value. What is there then, like `tables.orders.note: text`."};
constexpr ListArg kChangeDrop{"drop", "Paths that are gone then, with their values."};
constexpr TextArg kChangeEffects{"effects",
                                 "`none` when it changes nothing that the plan speaks of."};
constexpr FlagArg kChangeIfExists{"if_exists", "What is dropped need not be there."};
constexpr FlagArg kChangeWhole{"transaction", "It runs in a transaction."};
constexpr ListArg kChangeInTheWay{
    "in_the_way",
    "Rows, as versions write them, with which it is refused: two of one key, or NULLs."};
constexpr TextArg kChangeText{"text", "The statement."};
/// One declared effect; an empty value drops what stands at the path.
struct Effect {
  std::string path;
  std::string value;
};

std::vector<Effect> effects_of(const Action& action) {
  std::vector<Effect> all;
  if (const model::Node* set = kChangeSet.in(action.args)) {
    for (const model::Node::Entry& entry : set->entries)
      all.push_back({entry.key, entry.value.text});
  }
  for (const std::string& each : kChangeDrop.in(action.args)) all.push_back({each, ""});
  return all;
}

bool says_what_changes(const Action& action) {
  if (kChangeSet.is_unknown(action.args) || kChangeDrop.is_unknown(action.args)) return false;
  return kChangeSet.is_given(action.args) || kChangeDrop.is_given(action.args) ||
         kChangeEffects.in(action.args) == "none";
}

/// Whether what stands at the path holds values: all does but what the paths of the fake PostgreSQL
/// call an index, a constraint and the like, `indexes.<name>` and `tables.<table>.indexes.<name>`.
bool holds_values(const std::string& path) {
  static const std::vector<std::string> kShapes = {
      "indexes", "constraints", "triggers", "views",  "functions", "procedures", "routines",
      "events",  "grants",      "users",    "alarms", "ttl",       "streams"};
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    parts.push_back(path.substr(from, dot - from));
    from = dot + 1;
  }
  const auto is_shape = [&](const std::string& part) {
    return std::ranges::find(kShapes, part) != kShapes.end();
  };
  return !is_shape(parts.front()) &&
         (parts.size() < 4 ||
          (!is_shape(parts[2]) && parts.back() != "not_null" && parts.back() != "default"));
}

bool exists(const Record& now, const std::string& path) {
  const std::string fact = "schema." + path;
  return now.has(fact) || std::ranges::any_of(now.facts(), [&](const auto& each) {
           return each.first.starts_with(fact + '.');
         });
}

Outcome change(const Call& call) {
  if (!says_what_changes(call.action)) {
    return Outcome::opaque(
        "what the statement changes, the plan does not say (`set`, `drop`, or `effects: none`)");
  }
  for (const std::string& row : kChangeInTheWay.in(call.action.args)) {
    if (call.now.has("written." + row))
      return Outcome::refused(fmt::format("'{}' is in the way of it", row));
  }
  const std::vector<Effect> effects = effects_of(call.action);
  const std::string part = call.arg(kPart);
  const std::size_t count =
      part.empty() ? effects.size() : static_cast<std::size_t>(std::stoul(part));
  Record next = call.now;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const Effect& effect = effects[i];
    if (effect.value.empty() && part.empty() && !exists(call.now, effect.path) &&
        !call.arg(kChangeIfExists))
      return Outcome::refused(fmt::format("'{}' does not exist", effect.path));
    if (i >= count) continue;
    if (!effect.value.empty()) {
      next = next.with("schema." + effect.path, effect.value);
      continue;
    }
    for (const char* area : {"schema.", "values."})
      next = without_area(next.without(area + effect.path), area + effect.path);
  }
  return call.becomes(next);
}

std::vector<Action> one_by_one(const Call& call) {
  const std::size_t count = effects_of(call.action).size();
  if (count < 2 || !change(call).ok()) return {call.action};
  std::vector<Action> pieces;
  for (std::size_t i = 1; i < count; ++i)
    pieces.push_back(with_arg(call.action, kPart.name(), std::to_string(i)));
  pieces.push_back(with_arg(call.action, kPart.name(), std::to_string(count)));
  return pieces;
}

Undo undo_typed_change(const Call& call) {
  if (!says_what_changes(call.action) || !change(call).ok()) return {};
  GiveBack back(call.action);
  for (const Effect& effect : effects_of(call.action)) {
    if (effect.value.empty() && holds_values(effect.path))
      return no_undo(fmt::format("the values of {}", effect.path));
    const std::string& was = call.now.get("schema." + effect.path);
    if (was.empty())
      back.take(effect.path);
    else
      back.give(effect.path, was);
  }
  return back.undo("change", kChangeSet, kChangeDrop);
}

VerbRow change_row(const TypedStore& store) {
  return {{"change",
           {kChangeSet, kChangeDrop, kChangeEffects, kChangeIfExists, kChangeInTheWay, kChangeWhole,
            kChangeText},
           "Runs statements whose effects the plan declares; each is final by itself."},
          change,
          undo_typed_change,
          [store](const Context&, const Action& action, Traits& traits) {
            for (const Effect& effect : effects_of(action)) {
              if (effect.value.empty() && holds_values(effect.path))
                traits.destroys = fmt::format("the values of {}", effect.path);
              if (effect.value.empty() && !kChangeIfExists.in(action.args))
                traits.not_repeatable = "the second time there is nothing to drop";
            }
            if (kChangeWhole.in(action.args) && !store.in_transaction.empty())
              traits.misdirected = store.in_transaction;
          },
          one_by_one};
}

std::vector<VerbRow> verbs_of_typed_store(const TypedStore& store) {
  std::vector<VerbRow> rows = {change_row(store)};
  for (VerbRow& row : typed_copy_rows(store)) rows.push_back(std::move(row));
  if (store.engines) {
    Engines engines = *store.engines;
    engines.emptied = [](const Record& now) {
      return without_area(without_area(without_area(now, "schema"), "rows"), "values");
    };
    for (VerbRow& row : engine_rows(engines)) rows.push_back(std::move(row));
  }
  return rows;
}

/// Whether a step of the plan is refused while rows of that name are there.
bool is_in_some_way(const Plan& plan, const Operation& operation) {
  return std::ranges::any_of(plan.steps, [&](const model::Step& step) {
    return step.target == operation.on && (kChangeInTheWay.is_unknown(step.args) ||
                                           holds(kChangeInTheWay.in(step.args), operation.subject));
  });
}

Record initial_typed_store(const Context& context, ServiceIndex self,
                           std::vector<model::Mistake>&) {
  Amended record = Record().with("rows", "kept").with("rows.from before", "kept");
  if (const model::Node* schema = context.plan().services[self].fields.find("schema")) {
    for (const model::Node::Entry& entry : schema->entries) {
      record.with("schema." + entry.key, entry.value.text);
      if (holds_values(entry.key)) record.with("values." + entry.key, "kept");
    }
  }
  for (const model::Backup& backup : context.plan().backups) {
    if (backup.of != self) continue;
    const std::string copy = "copy." + backup.name;
    for (const char* area : {"schema", "rows", "values"})
      record = copy_area(record, area, copy + '.' + area);
    record.with("copies." + backup.name, backup.format.empty() ? "unknown" : backup.format);
    const std::string engine = context.plan().services[self].fields.text("engine");
    if (!engine.empty() && engine != "unknown") record.with("copy_of." + backup.name, engine);
  }
  return with_engine(context.plan().services[self], record);
}

}  // namespace

std::unique_ptr<const Kind> make_typed_store(const TypedStore& store) {
  KindRow row;
  row.name = store.name;
  row.help = store.help;
  row.fields = {
      field("schema", ValueType::map,
            "path: value. What is there before the deploy, like `tables.orders.id: bigint`."),
      field("provider", ValueType::string, "Who runs it."),
      field("location", ValueType::string, "Failure domain that it lives in.")};
  if (store.engines) {
    const std::vector<model::FieldSpec> more = engine_fields(*store.engines);
    row.fields.insert(row.fields.end(), more.begin(), more.end());
  }
  row.verbs = verbs_of_typed_store(store);
  row.aliases = store.aliases;
  row.incidental = {"rows", "values", "copy", "copies", "beside", "written", "newest", "copy_of"};
  row.initial = initial_typed_store;
  row.operate = [](const Context& context, const World& world, const Operation& operation,
                   const std::string& tag) {
    const Record next = world.record(operation.on).with("rows." + tag, "kept");
    return Outcome::done().set(operation.on, is_in_some_way(context.plan(), operation)
                                                 ? next.with("written." + operation.subject, "true")
                                                 : next);
  };
  row.data = [](const Plan&, ServiceIndex, const Record& record) {
    std::vector<Datum> all = area_data(record, "rows");
    for (Datum& datum : area_data(record, "values")) all.push_back(std::move(datum));
    return all;
  };
  row.check = [](const Context& context, const World& world, const model::Check& check) {
    return check_kept(context, world, check, {"rows", "values"});
  };
  return make_kind(std::move(row));
}

}  // namespace backout::services
