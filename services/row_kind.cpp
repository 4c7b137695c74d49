#include "services/row_kind.hpp"

#include <cstdlib>

namespace backout::services {

namespace {

model::KindSpec spec_of(const KindRow& row) {
  model::KindSpec spec{row.name, row.help, row.has_versions, row.fields, {}, row.version_fields, row.aliases};
  for (const VerbRow& verb : row.verbs) {
    if (!verb.apply) std::abort();
    spec.verbs.push_back(verb.spec);
    spec.verbs.back().args.push_back(command_field());
  }
  return spec;
}

class TableKind final : public RecordKind {
 public:
  explicit TableKind(KindRow row) : RecordKind(spec_of(row)), row_(std::move(row)) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>& mistakes) const override {
    return row_.initial(context, self, mistakes).share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    const VerbRow* row = find_row(row_.verbs, action.verb);
    if (row == nullptr) unhandled(spec(), action, "apply");
    return row->apply(call(context, world, action));
  }

  std::vector<Action> parts(const Context& context, const World& world, const Action& action) const override {
    const VerbRow* row = find_row(row_.verbs, action.verb);
    if (row == nullptr || !row->parts) return {action};
    return row->parts(call(context, world, action));
  }

  Undo undo(const Context& context, const World& before, const Action& action) const override {
    const VerbRow* row = find_row(row_.verbs, action.verb);
    if (row == nullptr || !row->undo) return {};
    return row->undo(call(context, before, action));
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const VerbRow* row = find_row(row_.verbs, action.verb);
    if (row != nullptr && row->traits) row->traits(context, action, traits);
    return traits;
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    Footprint print = Kind::footprint(context, action);
    if (!row_.elsewhere) return print;
    const Footprint more = row_.elsewhere(context, action);
    print.reads.insert(print.reads.end(), more.reads.begin(), more.reads.end());
    print.writes.insert(print.writes.end(), more.writes.begin(), more.writes.end());
    return print;
  }

  Changes harmed(const Context& context, const World& world, const Action& action, Harm harm) const override {
    return row_.harmed ? row_.harmed(context, world, action, harm) : Changes{};
  }

  std::vector<Datum> data(const Context& context, ServiceIndex self, const State& state) const override {
    if (!row_.data) return {};
    return row_.data(context.plan(), self, static_cast<const Record&>(state));
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string& tag) const override {
    if (!row_.operate) return Kind::operate(context, world, operation, tag);
    return row_.operate(context, world, operation, tag);
  }

  std::vector<std::string> live_versions(const Context& context, const World& world, ServiceIndex self) const override {
    if (!row_.live) return {};
    return row_.live(context.plan(), self, world.record(self));
  }

  bool may_block() const override { return static_cast<bool>(row_.blocks); }
  std::string blocks(const Context& context, const World& world, ServiceIndex self, ServiceIndex app) const override {
    return row_.blocks ? row_.blocks(context, world, self, app) : std::string();
  }

  CheckResult check(const Context& context, const World& world, const model::Check& check) const override {
    return row_.check ? row_.check(context, world, check) : Kind::check(context, world, check);
  }

 protected:
  std::vector<std::string> incidental() const override { return row_.incidental; }

 private:
  Call call(const Context& context, const World& world, const Action& action) const {
    return {context, world, action, world.record(action.service), context.plan().services[action.service]};
  }

  KindRow row_;
};

}  // namespace

const VerbRow* find_row(const std::vector<VerbRow>& rows, std::string_view verb) {
  const auto found = std::ranges::find_if(rows, [&](const VerbRow& row) { return row.spec.name == verb; });
  return found == rows.end() ? nullptr : &*found;
}

std::unique_ptr<const Kind> make_kind(KindRow row) {
  if (!row.initial) std::abort();
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
    for (const ServiceIndex barrier : context.barriers()) paths.push_back(resource(context, barrier));
  }
  return paths;
}

}  // namespace backout::services
