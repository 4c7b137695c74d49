#pragma once
// A run as a file: where the deploy stops, what happens during the rollback, and what is expected
// of it. Written by people, or by a campaign for a run that failed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "model/load.hpp"
#include "simulator/matrix.hpp"
#include "simulator/runner.hpp"

namespace backout::simulator {

/// A fault of an attempt.
struct Mishap {
  Fault fault = Fault::fail;
  std::size_t part = 0;  ///< Fault::half: after how many of the places where it may stop, from 0

  friend bool operator==(const Mishap&, const Mishap&) = default;
};

/// Something that happens in a scenario.
struct Happening {
  enum class Kind { step, skip, traffic, sick, late, killed, second_run, person };
  Kind kind = Kind::step;
  std::string name;  ///< the step, the operation ("create_call of api@new") or the sick version
                     ///< ("api@new"); else empty
  std::optional<Fault> fault;  ///< step: what befalls its first attempt; person: theirs
  std::size_t part = 0;  ///< Fault::half: after how many of the places where it may stop, from 0
  std::optional<std::int64_t> at_ms;  ///< when, since the rollback began; only for readers
  model::Span span;
  std::vector<Mishap> retries = {};  ///< step: what befalls the attempts after the first, in order

  /// The same event, whenever it is.
  bool same(const Happening& other) const;
};

struct Scenario {
  std::string name;
  std::string plan;  ///< file of the plan, relative to the scenario's folder
  std::vector<std::string>
      idle;  ///< steps whose effect nobody can tell and that are taken to do nothing
  std::vector<Happening> deploy;  ///< what happened before the rollback began
  std::string path;               ///< the path that is taken; empty: the plan's only one
  std::vector<Happening>
      rollback;  ///< in order; what is left of the path then runs as listed, and nothing fails
  std::optional<Verdict> verdict;  ///< expected
  std::string reason;              ///< expected: a part of the reason
  std::string note;
  std::shared_ptr<model::Sources> sources;
  model::Span path_span;
};

/// Reads a scenario (YAML or JSON), from `text` when that is given.
tl::expected<Scenario, model::LoadError> load_scenario(const std::string& file);
tl::expected<Scenario, model::LoadError> load_scenario_text(const std::string& name,
                                                            std::string text);

/// The scenario as YAML that load_scenario reads back.
std::string to_yaml(const Scenario& scenario);

const char* to_string(Happening::Kind kind);
/// What a scenario calls a move of the runner.
Happening::Kind kind_of(Move::Kind move);
/// One line for people: "step 'r_code', fault half", "traffic: create_call of api@new".
std::string describe(const Happening& happening);

}  // namespace backout::simulator
