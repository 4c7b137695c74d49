#pragma once
// What a plan may say of each kind, and plans that say it: for every field of a service, every
// field of a version and every argument of a verb the places at which some plan of the repository
// has one.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "simulator/matrix.hpp"
#include "support/plan_tree.hpp"

namespace backout::tests {

/// A plan of the repository.
struct Sample {
  std::string file;  ///< from the root of the sources
  std::string folder;
  model::Node tree;
};

/// One field or argument, at one place of a plan.
struct Use {
  std::size_t sample = 0;
  Place place;
  model::FieldSpec spec;
};

/// "ecs keeps", "ecs version.hook", "ecs scale.replicas". What a platform has in common with every
/// app is a row of `app`; `command` and its like, which all have, are one row each.
std::string row_of(const model::KindSpec& kind, const std::string& part,
                   const model::FieldSpec& spec);

/// Every row of the language's description.
std::set<std::string> all_rows();

/// Every plan of plans/, fixtures/ and tests/plans/ that can be read and is not long: those of
/// effects/ first, then the shortest.
const std::vector<Sample>& samples();

/// Where the rows are used.
std::map<std::string, std::vector<Use>> uses_of_rows();

/// The plan with other values there, each of the type that the row says, or without it.
std::vector<model::Node> variants_of(const Sample& sample, const Use& use);

/// What `backout check` comes to, without its words: rules, severities, steps and paths, cells, and
/// the point of no return; `with_words`: what findings say, too. Empty where the plan cannot be
/// read.
std::set<std::string> outcome_of(const Sample& sample, const model::Node& tree, bool with_words);

/// The cells of the matrix ("after 'code' full"), or why the plan cannot be read.
struct Verdicts {
  bool mistake = false;
  std::string why;
  std::map<std::string, simulator::Verdict> cells;
};
Verdicts verdicts_of(const Sample& sample, const model::Node& tree);

}  // namespace backout::tests
