#pragma once

#include <string_view>

#include "services/postgres/database.hpp"

namespace backout::postgres {

/// search_path from its text: `app, "Other", public`.
void set_search_path(Session& session, std::string_view list);

}  // namespace backout::postgres
