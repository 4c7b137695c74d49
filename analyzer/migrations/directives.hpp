#pragma once
// What authors say to the tool in comments of their migrations.

#include <optional>
#include <string>
#include <vector>

#include "model/migration.hpp"

namespace backout::analyzer {

/// `-- backout: ignore RULE reason`: findings of the rule about this migration are not reported.
struct Suppression {
  std::string rule;
  std::string reason;  ///< may be empty, which is a finding
  model::Span span;
};

/// `-- backout: irreversible REASON`, and `-- backout: instead ALTERNATIVE` for what to do in place
/// of the down.
struct Irreversibility {
  std::string reason;
  std::string alternative;
  model::Span span;
};

/// All directives of one migration, from both of its scripts.
struct Directives {
  std::vector<Suppression> suppressions;
  std::optional<Irreversibility> irreversible;
  std::vector<model::Mistake> mistakes;  ///< directives with an unknown word or without a reason
};

Directives read_directives(const model::Migration& migration);

}  // namespace backout::analyzer
