#pragma once
// Names of tables and columns as SQL takes them.

#include <string>
#include <string_view>

namespace backout::model {

/// The name, with the parts in quotes that SQL would not take for a name: `user-data`,
/// `public.user` with its reserved word. Everything else stays as it is written, `*` too.
std::string sql_name(std::string_view dotted);

}  // namespace backout::model
