#pragma once
// What there is to say of a kind of services, from the description that the schema is made of.

#include <string>

#include "model/catalog.hpp"

namespace backout::cli {

/// The kind with its fields, verbs, arguments and facts; lines, the last one ended.
std::string describe_kind(const model::KindSpec& kind);
/// The verb and its arguments, each line behind `indent`.
std::string describe_verb(const model::VerbSpec& verb, const char* indent = "");
/// The name, the type and the help of a field or an argument; one line.
std::string describe_field(const model::FieldSpec& field);

}  // namespace backout::cli
