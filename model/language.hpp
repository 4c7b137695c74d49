#pragma once
// The keys of a plan, section by section: one table that the loader checks against, `backout
// schema` prints and docs/plan-language.md is tested against.

#include <string>
#include <string_view>
#include <vector>

namespace backout::model {

/// The maps of a plan that have fixed keys.
enum class SectionId {
  plan,
  service,
  version,
  requires_,
  deploy,
  window,
  rollback,
  response,
  step,
  group,
  path,
  check,
  invariant,
  objectives,
  path_objectives,
  residue,
  backup,
  decisions,
  metric,
  rule,
  condition,
  limits,
  suppression,
  reconciles,
  remark,
};

/// What a key holds.
enum class Form {
  one,  ///< the number 1: the version of the language
  string,
  strings,  ///< a string or a list of strings
  integer,
  boolean,
  duration,
  rpo,    ///< a duration or 0
  clock,  ///< "HH:MM"
  date,   ///< YYYY-MM-DD
  choice,
  service,      ///< the name of a service
  services,     ///< one name or a list of names
  step,         ///< the id of a step or group
  step_list,    ///< one id or a list of ids
  path,         ///< the name of a rollback path
  kind,         ///< the name of a service kind
  verb,         ///< a verb of the target's kind
  rates,        ///< name -> rate
  value,        ///< what a metric is compared with: a number with or without a unit, or [low, high]
  range,        ///< [low, high]
  undo,         ///< a step's id, none, auto or {none: why}
  on_failure,   ///< abort, continue, rollback, rollback:<path> or goto:<step>
  checks,       ///< a check, a list of checks, none, or a text
  window,       ///< a duration or a map
  derived,      ///< a list of steps or the word `derived`
  lists,        ///< name -> list of strings
  operations,   ///< name -> one operation
  map,          ///< one map with the keys of `section`
  map_or_text,  ///< the same, or a text
  map_or_list,  ///< a map with the keys of `section`, or a list of strings
  maps,         ///< name -> map with the keys of `section`
  maps_or_durations,  ///< name -> such a map or a duration
  maps_or_lists,      ///< name -> such a map or a list of strings
  maps_or_texts,      ///< name -> such a map or a text
  list,               ///< a list of maps with the keys of `section`
  list_or_text,       ///< a list of such maps or of texts
  any,
};

/// One key of a section.
struct KeySpec {
  std::string_view name;
  Form form = Form::string;
  std::string_view help;
  bool required = false;
  std::vector<std::string_view> choices = {};
  SectionId section = SectionId::plan;  ///< of the forms that hold maps
};

/// The keys that a section may have, in the order in which people write them.
const std::vector<KeySpec>& keys_of(SectionId section);

/// The key's entry; nullptr when the section has no such key.
const KeySpec* find_key(SectionId section, std::string_view name);

/// Words that may not be ids, because they mean something where an id may stand or YAML 1.1 reads
/// them as values.
const std::vector<std::string>& reserved_ids();

/// Whether `text` is an id: `[a-z][a-z0-9_]*`.
bool is_id(std::string_view text);

}  // namespace backout::model
