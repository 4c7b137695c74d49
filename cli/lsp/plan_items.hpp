#pragma once
// A plan's text as the things that somebody may point at: its keys, its names and what refers to
// them. By the tables that the loader checks with, and also where the plan does not load.

#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/language.hpp"
#include "model/node.hpp"

namespace backout::lsp {

/// What a word of a plan names.
enum class Names { nothing, service, step, path, kind, verb, version, rule, fault };

/// A key, or a scalar value, with what the tables say of it.
struct PlanItem {
  enum class Role {
    key,   ///< of the language, a field of a kind or an argument of a verb; unknown ones have no
           ///< description
    name,  ///< that the plan gives: a service, a step's id, a path
    value,
  };
  Role role = Role::value;
  model::Span span;              ///< of the word
  std::string text;              ///< of the word
  Names names = Names::nothing;  ///< roles name and value: what it is, or refers to
  model::Span whole;             ///< role name: the entry with its value, or the step
  std::size_t depth = 0;         ///< role name: how many groups are around it
  model::SectionId section = model::SectionId::plan;  ///< of the map that it stands in
  const model::Node* map = nullptr;                   ///< that map; nullptr at the top
  const model::KeySpec* key = nullptr;                ///< the key, or the key whose value it is
  const model::FieldSpec* field = nullptr;            ///< the same, of a kind or a verb
  const model::KindSpec* kind = nullptr;              ///< of the service, or of the step's target
  const model::VerbSpec* verb = nullptr;              ///< of the step
  std::string service;                                ///< the service, or the step's target
};

/// All of them, in the order of the text. `root` and `catalog` must outlive them.
std::vector<PlanItem> items_of(const model::Node& root, const model::Sources& sources,
                               const model::Catalog& catalog);

}  // namespace backout::lsp
