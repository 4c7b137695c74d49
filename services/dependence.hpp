#pragma once
// What a step goes through: `via`.

#include <string>

#include "services/service.hpp"

namespace backout::services {

/// The fact of a service that does not answer whatever anyone does: Harm::unreachable. Not
/// essential.
inline constexpr const char* kOutage = "outage";
/// Below it stand facts that the deploy brought and that may stay: "brought.valid.k2".
inline constexpr const char* kBrought = "brought";

/// Why a step that goes through `service` does not run: "'ci' does not answer". An app must run and
/// serve, and so must the apps that it uses and what its live version needs. Empty: it works.
std::string why_silent(const Context& context, const World& world, ServiceIndex service);

/// Kind::harmed for Harm::unreachable: what the action goes through first no longer answers. Empty:
/// it goes through nothing, or that is silent already.
Changes cut_off(const Context& context, const World& world, const Action& action);

/// Adds what decides whether `service` works to what is read.
void add_dependence(const Context& context, ServiceIndex service, Footprint& print);

}  // namespace backout::services
