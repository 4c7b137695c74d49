#pragma once
// Files that an engine keeps in a form of its own: a newer version may rewrite them, and then the
// older one does not read them.

#include "services/service.hpp"

namespace backout::services {

/// The app whose own files `store` is: a folder in its container (`in`), and no file of a known
/// format. kNone: no app's.
ServiceIndex engine_of(const Plan& plan, ServiceIndex store);

/// Whether some version of the app says what it rewrites, if only that it rewrites nothing.
bool says_what_it_rewrites(const model::Service& app);

}  // namespace backout::services
