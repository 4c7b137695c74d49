#pragma once
// Copies that are encrypted: `encrypted_with` of a service.

#include <string>

#include "services/service.hpp"

namespace backout::services {

/// The area of facts that says with which key a copy was encrypted. Not essential.
inline constexpr const char* kKeyOfCopy = "key_of_copy";

/// Why the action cannot read the copy that it restores: the key has changed since the copy was
/// made. Empty: it can, or it restores none, or the service's copies are not encrypted.
std::string why_unreadable(const Context& context, const World& world, const Action& action);
/// Whether only the words of a place say that copies are encrypted, and not `encrypted_with`: then
/// nobody knows.
bool is_key_guessed(const Context& context, const Action& action);

/// Notes with which key the action, which came to `outcome`, encrypted the copy that it made.
void note_key(const Context& context, const World& world, const Action& action, Outcome& outcome);

/// Adds the key to what is read.
void add_copies(const Context& context, const Action& action, Footprint& print);

}  // namespace backout::services
