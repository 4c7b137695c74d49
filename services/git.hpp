#pragma once
// A git repository: its branch, and who deploys from it.

#include <string>
#include <vector>

#include "services/app.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

inline constexpr TextArg kGitTo{"to", "Version or HEAD~1."};

/// The branch of the repository.
std::string branch_of(const Context& context, ServiceIndex git);
/// The apps that deploy when the branch is pushed: those that watch it, not another one; those of
/// which nobody knows it, too.
std::vector<ServiceIndex> watchers(const Context& context, ServiceIndex git);

VerbRow git_push_row();

}  // namespace backout::services
