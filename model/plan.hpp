#pragma once
// A plan as data: what a plan file says, resolved and checked, with the place of everything.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/duration.hpp"
#include "model/migration.hpp"
#include "model/node.hpp"
#include "model/source.hpp"

namespace backout::model {

using ServiceIndex = std::uint32_t;
using StepIndex = std::uint32_t;
using PathIndex = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;

/// Arguments of an action or fields of a service, in order as written.
struct Args {
  std::vector<Node::Entry> entries;

  const Node* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The scalar under `name` as written; empty when it is absent.
  std::string text(std::string_view name) const;
  std::string text_or(std::string_view name, std::string_view fallback) const;
  bool flag(std::string_view name, bool fallback = false) const;
  /// Nullopt when it is absent or no whole number.
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;
  bool is_unknown(std::string_view name) const;
};

/// Something that a version of an app does to another service while it is live.
struct Operation {
  enum class Type {
    sql,      ///< a statement that it issues on a database
    write,    ///< one write to a store that is no SQL database (sqlite, vector_store, config)
    event,    ///< a payload that it must accept from a webhook
    flag,     ///< a flag that it reads
    require,  ///< a fact of another service that must hold: `requires`
  };
  std::string name;  ///< the same name in two versions is the same thing in the business's eyes
  Type type = Type::sql;
  ServiceIndex on = kNone;          ///< the service that it uses
  std::string sql;                  ///< Type::sql
  std::vector<std::string> fields;  ///< Type::event: fields that the version needs in the payload
  std::string subject;              ///< event name, flag key, or fact path (Type::require)
  std::string
      expect;  ///< Type::require: the fact's value; "*" any; of several "a or b", see `values`
  std::vector<std::string>
      values;  ///< Type::require: the values of which each is good, when there are several
  Span span;
};

/// A version of an app.
struct Version {
  std::string name;
  std::string artefact;  ///< image, ref, digest: what `pinned` rules look at; empty when not said
  std::vector<Operation> operations;
  Args extra;  ///< anything else that the kind reads (e.g. config items it needs)
  Span span;
};

struct Service {
  std::string name;
  std::string kind;
  Args fields;
  std::vector<Version> versions;   ///< apps only
  std::string start;               ///< apps only: the version before the deploy
  std::vector<ServiceIndex> uses;  ///< `uses:`; services that it needs to work
  Span span;

  const Version* find_version(std::string_view name) const;
};

/// A check of a precheck, a verify, a gate or an invariant.
struct Check {
  enum class Type {
    metric,      ///< {metric, op, value, for}
    http,        ///< {http: service[/path], expect, version, fail_on_error, via, after}
    sql,         ///< {sql, on, expect}; without `expect` it can never fail
    rows,        ///< {rows: [service.table...], within: N%, baseline}
    fact,        ///< {service, fact, is}
    version,     ///< {version: v, of: service}
    same_point,  ///< {same_point: [stores]}: all hold the same restore point
    command,     ///< {command: text, expect}: opaque
    manual,      ///< {manual: text}: a person looks; text is the criterion
  };
  Type type = Type::manual;
  Args args;                           ///< as written
  std::vector<ServiceIndex> services;  ///< resolved from http, on, service, of, rows, same_point
  Span span;
};

enum class By { unspecified, human, ci, automatic };

/// What a plan's runner does when a step is observed to fail.
struct OnFailure {
  enum class Type { abort, carry_on, rollback, go_to };
  Type type = Type::abort;
  std::string path;        ///< rollback: the path, empty = the first
  StepIndex step = kNone;  ///< go_to
  bool written = false;    ///< false: the default
  Span span;
};

/// How a deploy step is taken back.
struct UndoRef {
  enum class Type { unspecified, none, automatic, step };
  Type type = Type::unspecified;
  StepIndex step = kNone;
  std::string why;  ///< none: the declared reason (`undo: {none: "why"}`), may be empty
  Span span;
};

/// Something that may stay behind after a rollback.
struct Residue {
  std::string path;  ///< `service.fact.path`, `*` matches any rest
  std::string reason;
  Span span;
};

/// One step of the deploy or of the rollback.
struct Step {
  std::string id;
  bool in_rollback = false;
  std::string verb;
  ServiceIndex target = kNone;
  Args args;
  std::vector<StepIndex> needs;    ///< as written
  bool has_needs = false;          ///< false: it follows the step before it in its list
  std::optional<Duration> takes;   ///< work; nullopt = not said
  std::optional<Duration> settle;  ///< `after`: wait before its checks
  std::optional<Duration> timeout;
  std::optional<Duration> within;  ///< deadline from the trigger
  std::int64_t retry = 0;
  By by = By::unspecified;
  std::vector<ServiceIndex>
      via;  ///< services that must answer for it to run; with `by: ci` the plan's ci service
  std::vector<Check> precheck;
  std::vector<Check> verify;
  bool verify_none = false;  ///< `verify: none` was written
  OnFailure on_failure;
  bool critical = true;
  bool always = false;  ///< runs even after a failure
  bool optional = false;
  bool first = false;  ///< `priority: first`: the text says that it comes first
  bool gate = false;   ///< the deploy stops here until somebody says go
  UndoRef undo;
  std::vector<StepIndex> undoes;  ///< rollback steps: the deploy steps that it takes back
  bool point_of_no_return = false;
  std::vector<Residue> residue;
  std::string group;   ///< the enclosing step with `steps:`; empty at top level
  std::string source;  ///< `file:line` of the runbook, as written
  std::string note;
  Span span;  ///< the whole step
  Span id_span;
  Span verb_span;
};

/// A named full or partial rollback.
struct RollbackPath {
  std::string name;
  std::vector<StepIndex> steps;   ///< in order as written
  std::vector<Span> places;       ///< of the names in the list of the path, by position in `steps`;
                                  ///< empty where it has none of its own
  std::optional<Duration> total;  ///< the total that the plan states
  std::optional<Duration> timeout;
  std::vector<std::string> from;  ///< deploy steps from which it may be chosen; empty = anywhere
  bool full = false;              ///< it claims to restore everything
  std::string when;
  Span span;
};

/// A condition over metrics, issues and severities.
struct Condition {
  enum class Type { metric, issue, severity, all, any, otherwise };
  enum class Op { lt, le, gt, ge, eq, between };
  Type type = Type::metric;
  std::string name;  ///< metric, issue or severity
  Op op = Op::gt;
  double value = 0;
  double high = 0;  ///< between: [value, high)
  bool value_unknown = false;
  bool relative = false;           ///< `change: relative`: to the baseline
  std::optional<Duration> hold;    ///< `for`
  std::optional<Duration> window;  ///< `within` of the condition: only so long after the deploy
  std::vector<Condition> parts;    ///< all, any
  Span span;
};

struct DecisionRule {
  enum class Outcome {
    roll_back,
    must_roll_back,
    recommended,
    maybe,
    forward,
    monitor,
    disable_flag
  };
  std::string id;
  Condition when;
  Outcome decide = Outcome::roll_back;
  std::string path;  ///< empty: none named
  std::optional<Duration> within;
  Span span;
};

struct Metric {
  std::string name;
  std::string unit;
  double low = 0;
  double high = 0;              ///< range of possible values; high <= low means unbounded above
  ServiceIndex source = kNone;  ///< the monitor that reports it
  std::string absent;  ///< what absent data means: roll_back | hold | unknown | "" not said
  std::string
      measures;  ///< refused: the percentage of live operations that are refused; "" not said
  Span span;
};

struct Decisions {
  std::string hit = "unique";  ///< unique | any | first | priority
  std::vector<Metric> metrics;
  std::vector<std::string> issues;
  std::vector<std::string> severities;
  std::vector<DecisionRule> rules;
  Span span;
};

/// A time target. `path` empty = every path that is `full`, or the plan.
struct Objective {
  std::string path;
  std::string phase;  ///< detect | decide | execute | verify | total
  Duration limit;     ///< high_ms and strict count
  Span span;
};

struct Invariant {
  std::string name;
  Check check;
  bool always = false;  ///< in every visible state, not only at the end
  Span span;
};

struct Suppression {
  std::string rule;
  std::string step;  ///< empty: anywhere
  std::string reason;
  std::string until;  ///< YYYY-MM-DD, empty = for ever
  Span span;
};

/// Which faults a plan asks for and how far to look. Zero or empty means the default of the
/// simulator.
struct Limits {
  std::int64_t faults = 1;  ///< how many at once
  std::vector<std::string> fault_kinds;
  std::int64_t traffic = 1;  ///< how often each operation may run
  std::int64_t states = 0;
};

/// A backup that exists before the deploy (`backups:`), or the file that a step takes.
struct Backup {
  std::string name;
  ServiceIndex of = kNone;
  std::string format;           ///< custom | plain | directory | snapshot | copy | unknown
  std::string location;         ///< failure domain; empty = not said
  std::optional<Duration> age;  ///< how old at the start of the deploy
  std::string verified;         ///< never | "" not said | a date or text
  Span span;
};

/// The migrations of a database (`migrations:` of the service), in the order in which they run.
struct ServiceMigrations {
  ServiceIndex service = kNone;
  MigrationSet set;
  std::size_t applied = 0;     ///< how many of them the database has before the deploy
  std::vector<Mistake> notes;  ///< what is odd in the folder and was left out
  Span span;

  /// Position of the last migration of this id or version; the number of migrations when there is
  /// none.
  std::size_t find(std::string_view name) const;
};

/// The verbs of the steps that `migrations:` of a group stands for; each has the argument
/// `migration`.
inline constexpr std::string_view kApplyMigration = "apply_migration";
inline constexpr std::string_view kRevertMigration = "revert_migration";

/// Where the names of a list stand. Filled by Plan::build_index(); names added since then are found
/// by looking.
class NameIndex {
 public:
  template <typename Items, typename Name>
  void build(const Items& items, Name name);
  /// The position of `name`, which `at(position)` gives; kNone when no item has it.
  template <typename At>
  std::uint32_t find(std::string_view name, std::size_t size, At at) const;

 private:
  std::unordered_map<std::string, std::uint32_t> positions_;
};

struct Plan {
  std::shared_ptr<Sources> sources;
  std::string name;
  std::vector<Service> services;
  std::vector<Step> steps;       ///< deploy steps, then rollback steps, in order as written
  std::size_t deploy_count = 0;  ///< steps[0, deploy_count) are the deploy
  std::vector<RollbackPath> paths;
  OnFailure rollback_on_failure;  ///< default of the rollback's steps
  std::optional<Duration> rollback_total;
  Span rollback_total_span;
  std::optional<Duration> window;  ///< length of the deploy window
  Span window_span;
  std::optional<Duration> detect;  ///< `response:` time until somebody notices, acts
  std::optional<Duration> respond;
  Decisions decisions;
  std::vector<Objective> objectives;
  std::optional<Duration> rpo;
  bool rpo_unknown = false;
  Span rpo_span;
  std::vector<Invariant> invariants;
  std::vector<Residue> residue;
  std::vector<Backup> backups;
  std::vector<ServiceMigrations> migrations;  ///< of the services that name a folder
  std::vector<Suppression> ignore;
  std::map<std::string, std::string> workload;  ///< operation or event name -> rate as written
  std::map<std::string, std::uint32_t> files;   ///< path as written -> index in sources
  Limits limits;

  StepIndex find_step(std::string_view id) const;          ///< kNone when absent
  ServiceIndex find_service(std::string_view name) const;  ///< kNone when absent
  PathIndex find_path(std::string_view name) const;        ///< kNone when absent
  /// The migrations of a service; nullptr when it names no folder of them.
  const ServiceMigrations* find_migrations(ServiceIndex service) const;
  /// The text of a file that the plan names. Asserts that it was loaded.
  const std::string& file_text(std::string_view path) const;

  /// Makes the find functions O(1). The loader calls it; a plan built in code works without.
  void build_index();

 private:
  NameIndex step_index_;
  NameIndex service_index_;
};

/// The steps that must have ended before `step` may start, in the deploy or in the whole rollback
/// list: its `needs`, or the step before it where it has none.
std::vector<StepIndex> predecessors(const Plan& plan, StepIndex step);

/// The same inside one path: `needs` restricted to the path's steps; a step without `needs` follows
/// the one listed before it. Indexed like `path.steps`; values are positions in `path.steps`.
std::vector<std::vector<std::size_t>> path_predecessors(const Plan& plan, const RollbackPath& path);

}  // namespace backout::model
