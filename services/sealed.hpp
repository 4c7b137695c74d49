#pragma once
// What a store holds and that is encrypted: `encrypted_with` of a service.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// The area of the facts of a key that say what was encrypted with another value of it than that
/// before the deploy: "sealed.<store>.<datum>". Not essential.
inline constexpr const char* kSealed = "sealed";

/// Notes with which value of its key what the change brought is encrypted: what was written, by
/// whomever, is of the value of then.
void note_seals(const Context& context, const World& world, Outcome& outcome);

/// Makes the outcome of what takes versions of a secret away opaque where the plan does not say
/// with what a store is encrypted (`encrypted_with: unknown`).
void doubt_seals(const Context& context, const World& world, const Action& action,
                 Outcome& outcome);

/// Why nobody writes to the store now: its key has no valid value. Empty: it has, or needs none.
std::string why_not_sealed(const Context& context, const World& world, ServiceIndex store);

/// Whether the datum of `store`, as its kind names it, can be read in this world.
bool is_readable(const Context& context, const World& world, ServiceIndex store,
                 const std::string& datum);

/// The outcome of encrypting anew what those stores hold (none: all that are encrypted with it)
/// with the value of now of the key `self`.
Outcome seal_anew(const Context& context, const World& world, ServiceIndex self,
                  const std::vector<std::string>& stores);

/// What the key says was encrypted with another value of it than that before the deploy.
std::string seals_in(const Record& key);

/// Adds the key of what is changed to what is read and written.
void add_seals(const Context& context, Footprint& print);

}  // namespace backout::services
