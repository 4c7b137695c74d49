#pragma once
// A kind as a table: one row a verb, with all that the verb is. A verb without a row does not
// exist, and a row that does not say what it does, how it is taken back and what rules ask about it
// does not compile: nothing is left to a default arm.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "services/arg.hpp"
#include "services/features.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

/// What a verb is called with.
struct Call {
  const Context& context;
  const World& world;
  const Action& action;
  const Record& now;  ///< the service's record in `world`
  const model::Service& self;
  const model::VerbSpec* verb = nullptr;  ///< the row's; nullptr: what another kind does for it

  /// What the argument says. One that the row does not declare is an internal error.
  template <typename Value>
  Value arg(const Arg<Value>& declared) const {
    require_declared(declared.name());
    return declared.in(action.args);
  }
  std::string arg(const TextArg& declared, std::string_view otherwise) const {
    return arg(declared.or_else(otherwise));
  }
  void require_declared(std::string_view name) const;
  std::string field(std::string_view name) const { return self.fields.text(name); }
  /// Done, and the service is `next` then.
  Outcome becomes(const Record& next) const { return Outcome::done().set(action.service, next); }
  /// The undo that is another verb of the same service, and gives everything back.
  Undo back(std::string verb, std::vector<std::pair<std::string, std::string>> args = {}) const {
    return {Undo::Class::exact, "", {same_service(action, std::move(verb), std::move(args))}};
  }
};

/// The undo of what changed nothing that must be restored.
inline Undo nothing_to_undo() { return {Undo::Class::exact, "", {}}; }
inline Undo changes_nothing(const Call&) { return nothing_to_undo(); }
inline Undo unknown_undo(const Call&) { return {}; }
inline Undo no_undo(std::string why) { return {Undo::Class::none, std::move(why), {}}; }

using TellTraits = std::function<void(const Context&, const Action&, Traits&)>;
/// Traits of what does nothing that they are about.
inline void no_traits(const Context&, const Action&, Traits&) {}
/// What looks, and changes nothing.
inline void looks(const Context&, const Action&, Traits& traits) { traits.read_only = true; }
inline Outcome does_nothing(const Call&) { return Outcome::done(); }

/// A part that every row has: a row that leaves it out does not compile. To know nothing is said,
/// too (`unknown_undo`).
template <typename Signature>
class Part : public std::function<Signature> {
 public:
  Part() = delete;
  Part(std::nullptr_t) = delete;
  template <typename Function>
  requires std::is_constructible_v<std::function<Signature>, Function> Part(Function function)
      : std::function<Signature>(std::move(function)) {}
};

/// One verb of a kind, all of it.
struct VerbRow {
  model::VerbSpec spec;
  Part<Outcome(const Call&)> apply;
  Part<Undo(const Call&)> undo;
  Part<void(const Context&, const Action&, Traits&)> traits;
  /// The atomic pieces; left out: one.
  std::function<std::vector<Action>(const Call&)> parts = {};
  /// What it reads and writes; left out: what the kind says.
  std::function<Footprint(const Context&, const Action&)> footprint = {};
  /// Kind::harmed of this verb; left out: the kind's.
  std::function<Changes(const Call&, Harm)> harmed = {};
  /// It touches nothing beside the template of an app's pods.
  bool within_template = false;
};

/// All of the service of `action`, and `more`.
Footprint itself_and(const Context& context, const Action& action, Footprint more);

/// The row of `verb`; nullptr when there is none.
const VerbRow* find_row(const std::vector<VerbRow>& rows, std::string_view verb);
/// The same of a kind; nullptr also where the kind is no table.
const VerbRow* find_row(const Kind& kind, std::string_view verb);

/// A kind. What is left out is as Kind says.
struct KindRow {
  std::string name;
  std::string help;
  bool has_versions = false;
  std::vector<model::FieldSpec> fields;
  std::vector<VerbRow> verbs;
  std::vector<model::FieldSpec> version_fields = {};
  std::vector<std::string> aliases = {};
  std::vector<std::string> incidental = {};  ///< facts that a rollback need not restore
  std::function<Record(const Context&, ServiceIndex, std::vector<model::Mistake>&)> initial =
      {};  ///< required, or:
  /// The state of a kind whose state is no record (Call::now is empty then), and its facts.
  std::function<StatePtr(const Context&, ServiceIndex, std::vector<model::Mistake>&)> first_state =
      {};
  std::function<std::vector<Fact>(const Context&, ServiceIndex, const State&)> facts = {};
  std::function<std::vector<Datum>(const State&)> data_of_state = {};
  std::function<Outcome(const Context&, const World&, const Operation&, const std::string&)>
      operate = {};
  std::function<std::vector<Datum>(const Plan&, ServiceIndex, const Record&)> data = {};
  std::function<std::vector<std::string>(const Plan&, ServiceIndex, const Record&)> live = {};
  std::function<CheckResult(const Context&, const World&, const model::Check&)> check = {};
  std::function<Changes(const Context&, const World&, const Action&, Harm)> harmed = {};
  /// Why work does not get to an app (Kind::blocks); left out: it never stands in the way.
  std::function<std::string(const Context&, const World&, ServiceIndex, ServiceIndex)> blocks = {};
  /// What those verbs read and write that do not say it themselves; left out: all of their service.
  std::function<Footprint(const Context&, const Action&)> footprint = {};
  /// Changes which facts must be restored, where that depends on others.
  std::function<void(const Record&, std::vector<Fact>&)> weigh = {};
  Features features = {};
  /// What a step without a target does whose verb no kind knows for it: of `manual` alone.
  std::optional<VerbRow> stray = {};
};

/// Asserts that every part of every verb can be called, and that no verb stands there twice.
std::unique_ptr<const Kind> make_kind(KindRow row);

/// The services whose versions do something to `service` (operations, `uses`): what decides who is
/// at work on it.
std::vector<std::string> users_of(const Context& context, ServiceIndex service);

}  // namespace backout::services
