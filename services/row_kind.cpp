#include "services/row_kind.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>

namespace backout::services {

namespace {

/// The verb with the argument that every verb has, last where the row does not say where.
model::VerbSpec with_command(model::VerbSpec verb) {
  const auto is_command = [](const model::FieldSpec& arg) { return arg.name == "command"; };
  if (std::ranges::none_of(verb.args, is_command)) verb.args.push_back(kCommand);
  return verb;
}

model::KindSpec spec_of(const KindRow& row) {
  model::KindSpec spec{row.name, row.help,           row.has_versions, row.fields,
                       {},       row.version_fields, row.aliases};
  for (const VerbRow& verb : row.verbs) {
    if (!verb.apply || !verb.undo || !verb.traits || find_row(row.verbs, verb.spec.name) != &verb)
      std::abort();
    spec.verbs.push_back(with_command(verb.spec));
  }
  return spec;
}

class TableKind final : public RecordKind {
 public:
  explicit TableKind(KindRow row) : RecordKind(spec_of(row)), row_(std::move(row)) {}

  const Features& features() const { return row_.features; }
  const std::vector<VerbRow>& rows() const { return row_.verbs; }

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) const override {
    return row_.first_state ? row_.first_state(context, self, mistakes)
                            : row_.initial(context, self, mistakes).share();
  }

  std::vector<Fact> facts(const Context& context, ServiceIndex self,
                          const State& state) const override {
    if (row_.facts) return row_.facts(context, self, state);
    std::vector<Fact> all = RecordKind::facts(context, self, state);
    if (row_.weigh) row_.weigh(static_cast<const Record&>(state), all);
    return all;
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const VerbRow* row = find(action);
    if (row == nullptr) unhandled(spec(), action, "apply");
    return row->apply(call(*row, context, world, action));
  }

  std::vector<Action> parts(const Context& context, const World& world,
                            const Action& action) const override {
    const VerbRow* row = find(action);
    if (row == nullptr || !row->parts) return {action};
    return row->parts(call(*row, context, world, action));
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    const VerbRow* row = find(action);
    if (row == nullptr) return {};
    return row->undo(call(*row, context, before, action));
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const VerbRow* row = find(action);
    if (row != nullptr) row->traits(context, action, traits);
    return traits;
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const VerbRow* row = find(action);
    if (row != nullptr && row->footprint) return row->footprint(context, action);
    return row != nullptr && row_.footprint ? row_.footprint(context, action)
                                            : Kind::footprint(context, action);
  }

  Changes harmed(const Context& context, const World& world, const Action& action,
                 Harm harm) const override {
    const VerbRow* row = find(action);
    if (row != nullptr && row->harmed) return row->harmed(call(*row, context, world, action), harm);
    return row_.harmed ? row_.harmed(context, world, action, harm) : Changes{};
  }

  std::vector<Datum> data(const Context& context, ServiceIndex self,
                          const State& state) const override {
    if (row_.data_of_state) return row_.data_of_state(state);
    if (!row_.data) return {};
    return row_.data(context.plan(), self, static_cast<const Record&>(state));
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string& tag) const override {
    if (!row_.operate) return Kind::operate(context, world, operation, tag);
    return row_.operate(context, world, operation, tag);
  }

  std::vector<std::string> live_versions(const Context& context, const World& world,
                                         ServiceIndex self) const override {
    if (!row_.live) return {};
    return row_.live(context.plan(), self, world.record(self));
  }

  bool may_block() const override { return static_cast<bool>(row_.blocks); }
  std::string blocks(const Context& context, const World& world, ServiceIndex self,
                     ServiceIndex app) const override {
    return row_.blocks ? row_.blocks(context, world, self, app) : std::string();
  }

  CheckResult check(const Context& context, const World& world,
                    const model::Check& check) const override {
    return row_.check ? row_.check(context, world, check) : Kind::check(context, world, check);
  }

 protected:
  std::vector<std::string> incidental() const override { return row_.incidental; }

 private:
  const VerbRow* find(const Action& action) const {
    const VerbRow* row = find_row(row_.verbs, action.verb);
    return row == nullptr && action.service == model::kNone && row_.stray ? &*row_.stray : row;
  }

  Call call(const VerbRow& row, const Context& context, const World& world,
            const Action& action) const {
    static const Record kNoRecord;
    static const model::Service kNoService;
    if (action.service == model::kNone)
      return {context, world, action, kNoRecord, kNoService, &row.spec};
    const Record& now = row_.first_state ? kNoRecord : world.record(action.service);
    return {context, world, action, now, context.plan().services[action.service], &row.spec};
  }

  KindRow row_;
};

}  // namespace

void Call::require_declared(std::string_view name) const {
  const auto same = [&](const model::FieldSpec& declared) { return declared.name == name; };
  // A part of an action is named by the one that split it.
  if (verb != nullptr && name != kPart.name() && std::ranges::none_of(verb->args, same))
    throw std::logic_error(
        fmt::format("'{}' of kind '{}' asks for an argument '{}' that its row does not declare",
                    action.verb, self.kind, name));
}

const VerbRow* find_row(const std::vector<VerbRow>& rows, std::string_view verb) {
  const auto found =
      std::ranges::find_if(rows, [&](const VerbRow& row) { return row.spec.name == verb; });
  return found == rows.end() ? nullptr : &*found;
}

const VerbRow* find_row(const Kind& kind, std::string_view verb) {
  const auto* table = dynamic_cast<const TableKind*>(&kind);
  return table == nullptr ? nullptr : find_row(table->rows(), verb);
}

Footprint itself_and(const Context& context, const Action& action, Footprint more) {
  for (std::vector<std::string>* paths : {&more.reads, &more.writes})
    paths->insert(paths->begin(), resource(context, action.service));
  return more;
}

const Features& features_of(const Kind& kind) {
  static const Features kNone;
  const auto* table = dynamic_cast<const TableKind*>(&kind);
  return table == nullptr ? kNone : table->features();
}

std::unique_ptr<const Kind> make_kind(KindRow row) {
  const bool own = static_cast<bool>(row.first_state);
  if (own == static_cast<bool>(row.initial) || own != static_cast<bool>(row.facts)) std::abort();
  return std::make_unique<const TableKind>(std::move(row));
}

std::vector<std::string> users_of(const Context& context, ServiceIndex service) {
  std::vector<std::string> paths;
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    bool uses = std::ranges::find(plan.services[i].uses, service) != plan.services[i].uses.end();
    for (const model::Version& version : plan.services[i].versions) {
      for (const Operation& operation : version.operations) uses = uses || operation.on == service;
    }
    if (uses) paths.push_back(resource(context, i));
  }
  // Whether they get any work is for what stands in front of them to say.
  if (!paths.empty()) {
    for (const ServiceIndex barrier : context.barriers())
      paths.push_back(resource(context, barrier));
  }
  return paths;
}

}  // namespace backout::services
