#pragma once
// Plans written in a test, explored.

#include <memory>
#include <stdexcept>
#include <string>

#include "model/load.hpp"
#include "model/render.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {

/// A loaded plan with everything that an exploration needs. Throws when the text is no plan.
struct Loaded {
  explicit Loaded(const std::string& text) : plan(load(text)), context(plan) {
    std::vector<model::Mistake> mistakes;
    start = services::initial_world(context, mistakes);
    if (!mistakes.empty()) throw std::runtime_error(model::render(mistakes.front(), *plan.sources));
  }
  Loaded(const Loaded&) = delete;

  static model::Plan load(const std::string& text) {
    auto plan = model::load_plan_text("test.yaml", text, "", services::catalog());
    if (plan) return std::move(*plan);
    std::string all;
    for (const model::Mistake& mistake : plan.error().mistakes)
      all += model::render(mistake, *plan.error().sources);
    throw std::runtime_error(all + text);
  }

  Matrix matrix(std::int64_t faults = 0, std::vector<std::string> kinds = {}) const {
    SearchOptions options;
    options.faults = faults;
    options.fault_kinds = std::move(kinds);
    return explore(context, start, options);
  }
  /// The same where every opaque step does what it is there for.
  Matrix matrix_if_all_works(std::int64_t faults, std::vector<std::string> kinds) const {
    SearchOptions options;
    options.faults = faults;
    options.fault_kinds = std::move(kinds);
    return explore_as({}, context, start, options);
  }

  model::Plan plan;
  services::Context context;
  services::World start;
};

/// The cell of an interruption, by label, and a path, by name. Throws when there is none.
inline Cell cell(const Matrix& matrix, const std::string& interruption, const std::string& path) {
  for (const Cell& each : matrix.cells) {
    if (matrix.interruptions[each.interruption].label == interruption &&
        matrix.paths[each.path] == path)
      return each;
  }
  throw std::runtime_error("no cell " + interruption + " x " + path);
}

/// "after 'a' x full: RESTORED, STUCK with faults": every cell in one line each.
inline std::string verdicts(const Matrix& matrix) {
  std::string all;
  for (const Cell& each : matrix.cells) {
    all += matrix.interruptions[each.interruption].label + " x " + matrix.paths[each.path] + ": ";
    all += each.applicable ? to_string(each.fault_free) : "-";
    if (each.applicable && each.verdict != each.fault_free)
      all += std::string(", ") + to_string(each.verdict) + " with faults";
    all += '\n';
  }
  return all;
}

}  // namespace backout::simulator
