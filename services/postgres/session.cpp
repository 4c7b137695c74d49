#include "services/postgres/session.hpp"

#include "services/postgres/define.hpp"
#include "services/postgres/handlers.hpp"
#include "services/postgres/names.hpp"
#include "services/postgres/text.hpp"

namespace backout::postgres {

void set_search_path(Session& session, std::string_view list) {
  session.search_path.clear();
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = trim(list.substr(0, comma));
    if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
    if (!name.empty()) session.search_path.emplace_back(name);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

Checked<void> set_variable(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__VariableSetStmt& statement = *node.variable_set_stmt;
  Session& session = execution.database.session();
  const std::string_view name = statement.name == nullptr ? "" : statement.name;
  const bool sets = statement.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE;
  const std::string first = sets && statement.n_args > 0 ? option_text(statement.args[0]) : std::string();
  if (name == "search_path") {
    if (!sets) {
      session.search_path = Session().search_path;
    } else {
      session.search_path.clear();
      for (std::size_t at = 0; at < statement.n_args; ++at) session.search_path.push_back(option_text(statement.args[at]));
    }
  } else if (name == "session_replication_role") {
    session.replica = first == "replica";
  } else if (name == "role" || name == "session_authorization") {
    session.role = sets && first != "none" ? first : "postgres";
  }
  return {};
}

}  // namespace backout::postgres
