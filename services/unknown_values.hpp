#pragma once
// Values that stand for all that an unknown field or argument may have. Every type of the
// language's description has its treatment here.

#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// Of a field of a service; nothing where the type has one meaning whatever it is.
std::vector<model::Node> values_of_field(const Context& context, ServiceIndex service,
                                         const model::FieldSpec& field, const model::Node& like);
/// Of an argument of an action; a null node: it is not given.
std::vector<model::Node> values_of_argument(const Context& context, const World& world,
                                            const Action& action, const model::FieldSpec& field,
                                            const model::Node& like);

/// Puts a value in the place of the one that is unknown; a null node: it is not given.
void give(std::vector<model::Node::Entry>& entries, std::size_t at, model::Node value);

/// A choice that has the word says itself what it means: a copy of a format that nobody knows is a
/// copy.
bool says_unknown_itself(const model::FieldSpec& field);

}  // namespace backout::services
