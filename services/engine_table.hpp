#pragma once
// What each engine reads of what another version of it left: one row an engine.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.hpp"
#include "services/version_number.hpp"

namespace backout::services {

/// Whether an engine starts on what another version of it left.
enum class Reads { yes, no, unknown };

/// What is known of an engine. Versions are numbers, the older one first or second as the names
/// say.
struct KnownEngine {
  std::string_view name;  ///< as `kind` or `provider` says it
  /// Whether it is taken for the engine of a kind of that name where no `provider` names another.
  bool of_kind = false;
  Reads (*older_reads)(const std::string& older, const std::string& newer) = nullptr;
  /// Nullptr: whatever an older one left.
  Reads (*newer_reads)(const std::string& newer, const std::string& older) = nullptr;
  /// Why nobody stands for an older one where a newer one ran, whatever that left; empty: it is
  /// supported. Nullptr: it always is.
  std::string (*unsupported)(const std::string& older, const std::string& newer) = nullptr;
  /// The number of the format of its files; the lower one is the older. Nullptr: it has none.
  std::optional<int> (*format)(const std::string& engine) = nullptr;
  /// What it leaves is told by its series: "6.0" of 6.0.5 (a feature compatibility version).
  bool leaves_series = false;
  std::string (*words_back)(const std::string& older, const std::string& newer) = nullptr;
  std::string (*words_up)(const std::string& newer, const std::string& older) = nullptr;
};

/// The engine under a service; nullptr: none that is known, or one that somebody else runs or
/// wrote, whose rules are their own.
const KnownEngine* known_engine(const model::Service& self);

}  // namespace backout::services
