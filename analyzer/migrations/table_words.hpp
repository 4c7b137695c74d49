#pragma once

#include <string>
#include <utility>

namespace backout::analyzer {

/// Of two definitions of a table, as they are compared, what differs in the words of SQL.
std::pair<std::string, std::string> table_words(const std::string& before,
                                                const std::string& after);

}  // namespace backout::analyzer
