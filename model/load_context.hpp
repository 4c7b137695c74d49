#pragma once
// What the parts of the loader share: the plan in the making, the mistakes so far, and how single
// values are read. Internal to the loader: load_<section>.cpp each read one part of a plan.

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/catalog.hpp"
#include "model/language.hpp"
#include "model/load.hpp"
#include "model/plan.hpp"

namespace backout::model {

/// A step with `steps:`: not a step of the plan, but a name for the range [first, last) of its
/// members.
struct Group {
  std::string id;
  Node* node = nullptr;
  StepIndex first = 0;
  StepIndex last = 0;
  std::uint32_t parent = kNone;  ///< index of the enclosing group
};

/// How far the groups that were read have brought the migrations of a service.
struct MigrationProgress {
  std::size_t next = 0;  ///< deploy: the next to apply; rollback: one past the next to take back
  std::map<std::size_t, std::string> steps;  ///< the deploy step that applies a migration
};

/// Reading one plan. References are resolved after all names are known: see load.cpp for the order.
struct LoadContext {
  LoadContext(const Catalog& known, std::string below, Plan& made)
      : catalog(known), folder(std::move(below)), plan(made) {}

  const Catalog& catalog;
  std::string folder;
  ReadMigrations read_migrations;
  Plan& plan;
  std::vector<Mistake> mistakes;

  const Node* decisions_node = nullptr;    ///< `decisions:`
  const Node* services_node = nullptr;     ///< `services:`, until the kinds have taken their fields
  std::vector<const KindSpec*> kinds;      ///< by service; nullptr when the kind is unknown
  std::vector<Node*> step_nodes;           ///< by step
  std::vector<std::uint32_t> step_groups;  ///< by step: innermost group, or kNone
  std::vector<Span> needs_spans;           ///< by step: of `needs`, or of the id
  std::vector<Group> groups;
  std::unordered_map<std::string, std::uint32_t> group_index;
  std::unordered_map<std::string, StepIndex> step_index;
  std::map<ServiceIndex, MigrationProgress> progress;  ///< of the services with migrations
  std::deque<Node> made;  ///< steps that stand for migrations; references stay valid

  void mistake(const Span& span, std::string message, std::string hint = {}) {
    mistakes.push_back({span, std::move(message), std::move(hint)});
  }

  // Names that hints choose from. Steps: of the phase, groups included.
  std::vector<std::string> service_names() const;
  std::vector<std::string> step_names(bool in_rollback) const;
  std::vector<std::string> path_names() const;
  std::vector<std::string> version_names(const Service& service) const;

  // References; kNone or empty and a mistake when there is no such thing. `unknown` gives kNone
  // without one.
  ServiceIndex service(const Node& node);
  std::vector<ServiceIndex> services(const Node& node);
  /// The steps that one id or a list of ids means: a group gives its last member, or all of them
  /// with `expand`.
  std::vector<StepIndex> steps(const Node& node, bool in_rollback, bool expand);
  /// Whether the plan has a path of this name.
  bool is_path(std::string_view name) const;
  void path(const Node& node, std::string_view name);
  void version(const Node& node, ServiceIndex app);

  // Values; the fallback and a mistake when the value is of another type. `unknown` gives the
  // fallback without one.
  std::string text(const Node& node);
  /// A text that names `what` ("a service"): a mistake when it is empty, too.
  std::string name(const Node& node, std::string_view what);
  std::vector<std::string> texts(const Node& node);
  std::int64_t integer(const Node& node, std::int64_t fallback);
  bool boolean(const Node& node, bool fallback);
  std::optional<Duration> duration(const Node& node);
  std::string choice(const Node& node, const std::vector<std::string>& choices);
  std::string choice(const Node& node, const std::vector<std::string_view>& choices);
  /// A number, `95%`, or a number with a time unit when `unit` is ms or s; nothing and a mistake
  /// otherwise.
  std::optional<double> quantity(const Node& node, std::string_view unit);
  /// The unit of a metric, from `decisions` or from the monitor that reports it; empty when neither
  /// says.
  std::string unit_of(std::string_view metric) const;
  /// Reads the file, or the .sql files of the folder, into Plan::files.
  void file(const Node& node);
  /// The path of something below the plan's folder; nothing and a mistake when it is not there or
  /// elsewhere.
  std::optional<std::filesystem::path> below(const Node& node, const std::string& name,
                                             std::string_view what);
  /// Position of a migration of the service; nothing and a mistake when it has none of this id or
  /// version.
  std::optional<std::size_t> migration(const Node& node, ServiceIndex service);

  /// Whether `node` is a map; a mistake that says what was expected when it is not.
  bool is_map(const Node& node, std::string_view what);
  bool is_list(const Node& node, std::string_view what);
  /// Unknown and missing keys of a map.
  void keys(const Node& map, SectionId section, std::string_view what);
  void unknown_key(const Node& map, const Node::Entry& entry,
                   const std::vector<std::string>& known);
  /// An id that is new; a mistake when it is malformed or reserved.
  bool id(std::string_view text, const Span& span, std::string_view what);
  /// A field of a service or an argument of an action. `target` is the service that it belongs to.
  void field(const FieldSpec& spec, const Node& node, ServiceIndex target);
};

/// "a list", "a map", "a string", ...: what `node` is, for messages.
std::string_view type_name(const Node& node);

/// "did you mean 'x'?" when one of `known` is near, else the names themselves when they are few,
/// else empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// The key among `known` that `word` of `map` stands for: what other tools call so, if the map does
/// not say it already, else the one that is spelt nearly so; empty when there is none.
std::string key_meant(std::string_view word, const Node& map,
                      const std::vector<std::string>& known);
/// The key of `map` that is not known and means `key`: what somebody wrote in its place. Empty when
/// there is none.
std::string said_instead(std::string_view key, const Node& map,
                         const std::vector<std::string>& known);
/// The names of the keys of a section.
std::vector<std::string> key_names(SectionId section);

/// The help of a key as the hint of a mistake.
std::string as_hint(std::string_view help);

// The parts, in the order in which load.cpp calls them.
void collect_services(LoadContext& context, Node& services);
/// Reads the folders of migrations that services name.
void collect_migrations(LoadContext& context, const Node& services);
/// The steps that `migrations:` of a group stands for. Empty, with a mistake, when there are none.
Node& migration_steps(LoadContext& context, const Node& group, bool in_rollback);
void read_services(LoadContext& context, Node& services);
void read_versions(LoadContext& context, ServiceIndex app, const Node& versions);
void collect_steps(LoadContext& context, Node& steps, bool in_rollback);
void read_steps(LoadContext& context);
void find_cycles(LoadContext& context);
void read_deploy(LoadContext& context, Node& deploy);
void collect_rollback(LoadContext& context, Node& rollback);
void read_rollback(LoadContext& context, const Node* rollback);
OnFailure read_on_failure(LoadContext& context, const Node& node, bool in_rollback);
void read_decisions(LoadContext& context, const Node& decisions);
void read_objectives(LoadContext& context, const Node& objectives);
void read_invariants(LoadContext& context, const Node& invariants);
std::vector<Residue> read_residue(LoadContext& context, const Node& residue);
void read_backups(LoadContext& context, const Node& backups);
/// Checks what is only for readers.
void read_notes(LoadContext& context, const Node& notes);
void read_limits(LoadContext& context, const Node& limits);
void read_ignore(LoadContext& context, const Node& ignore);
void read_workload(LoadContext& context, const Node& workload);

/// The checks under `precheck`, `verify` or an invariant. `home` is the service that they look at
/// when they name none.
std::vector<Check> read_checks(LoadContext& context, const Node& node, ServiceIndex home);
std::optional<Check> read_check(LoadContext& context, const Node& node, SectionId section,
                                ServiceIndex home);

/// The unit of a metric as plans write it: `%` is percent.
std::string unit_named(std::string word);

}  // namespace backout::model
