#pragma once
// What service kinds there are and what a plan may write about them. The tables come from
// services/; the loader checks plans against them and `backout schema` prints them, so that both
// always agree.

#include <string>
#include <string_view>
#include <vector>

namespace backout::model {

/// What a field of a service or an argument of an action holds.
enum class ValueType {
  string,
  strings,  ///< a string or a list of strings
  integer,
  number,  ///< a number, `95%` or a ratio
  boolean,
  duration,    ///< model/duration.hpp
  service,     ///< the name of a service of the plan
  services,    ///< one name or a list of names
  version,     ///< the name of a version of the action's target (or of any app where the target is
               ///< none)
  step,        ///< the id of a step
  file,        ///< a path below the plan's folder; the loader reads it into Plan::files
  migrations,  ///< a folder of migrations below the plan's folder; the loader reads it into
               ///< Plan::migrations
  migration,   ///< id or version of a migration of the service, or of the action's target
  choice,      ///< one of FieldSpec::choices
  map,         ///< a map; keys and values are the kind's business
  any,
};

/// A field of a service, or an argument of an action.
struct FieldSpec {
  std::string name;
  ValueType type = ValueType::string;
  bool required = false;
  std::vector<std::string> choices;  ///< for ValueType::choice
  std::string help;                  ///< one sentence, with the default if there is one
};

/// One typed action of a kind.
struct VerbSpec {
  std::string name;
  std::vector<FieldSpec> args;
  std::string help;
};

/// One service kind.
struct KindSpec {
  std::string name;
  std::string help;
  bool has_versions = false;  ///< an app: `versions` and `start` are allowed
  std::vector<FieldSpec> fields;
  std::vector<VerbSpec> verbs;
  std::vector<FieldSpec> version_fields =
      {};  ///< apps: what a version may say besides the language's own keys
  std::vector<std::string> aliases = {};  ///< other names that plans may use
};

/// All kinds that a plan may name.
struct Catalog {
  std::vector<KindSpec> kinds;

  /// The kind of this name or alias; nullptr when there is none.
  const KindSpec* find(std::string_view name) const;

  /// By which names a plan may call the kinds, other names included.
  std::vector<std::string> names() const;
};

const VerbSpec* find_verb(const KindSpec& kind, std::string_view verb);

}  // namespace backout::model
