#pragma once
// Databases whose statements are not executed: what a statement changes, the plan declares.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/engine.hpp"

namespace backout::services {

/// How one of them differs from the others.
struct TypedStore {
  std::string name;
  std::string help;
  std::vector<std::string> aliases;
  std::string
      in_transaction;  ///< why a transaction takes no change of the schema back; empty: it does
  std::vector<std::string> methods;  ///< of a backup, those that copy everything first
  std::vector<std::string> partial;  ///< methods whose restore leaves what the copy does not have
  std::string partial_leaves;        ///< what such a restore leaves, in words
  bool restores_beside = false;      ///< a restore makes a new table, under another name
  std::optional<Engines> engines =
      std::nullopt;  ///< of those that people run themselves; `emptied` is the same for all
};

/// Its verbs `backup` and `restore`.
std::vector<VerbRow> typed_copy_rows(const TypedStore& store);

std::unique_ptr<const Kind> make_typed_store(const TypedStore& store);

}  // namespace backout::services
