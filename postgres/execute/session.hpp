#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "postgres/catalog/database.hpp"
#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// search_path from its text: `app, "Other", public`.
void set_search_path(Session& session, std::string_view list);

/// Whether times of a session in this zone are those of UTC.
bool is_utc(std::string_view zone);

/// What the next connection starts with.
Session next_session(const Session& session);

/// current_setting(): a custom setting (with a dot in its name) that nothing has set is NULL, or
/// 42704 unless `missing_ok`.
Checked<Typed> current_setting(const Session& session, std::span<const Typed> arguments);

/// A custom setting gets a value; nothing: one that is not known.
void set_custom(Session& session, std::string_view name, std::optional<std::string> value);

}  // namespace backout::postgres
