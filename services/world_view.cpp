#include "services/world_view.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "services/postgres_sql.hpp"
#include "services/postgres_state.hpp"

namespace backout::services {

namespace pg = postgres;

namespace {

std::string said(const pg::Stop& stop) {
  if (stop.kind == pg::Stop::Kind::unknown)
    return fmt::format("the fake does not follow it: {}", stop.message);
  return fmt::format("ERROR {}: {}", stop.sqlstate, stop.message);
}

SqlValue value_of(const pg::Value& value) {
  if (value.is_symbol()) return {false, false, {}};
  if (value.is_null()) return {true, true, {}};
  return {true, false, value.text()};
}

tl::expected<SqlRows, std::string> answer(const pg::Database& database, const std::string& select) {
  const pg::Script script = pg::Script::parse(select);
  if (script.mistake())
    return tl::unexpected(
        fmt::format("ERROR {}: {}", script.mistake()->sqlstate, script.mistake()->message));
  if (script.statements().size() != 1 || !only_reads(script.statements().front()) ||
      script.statements().front().tree->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
    return tl::unexpected<std::string>("one SELECT can be asked, nothing else");
  }
  if (!database.doubt().empty())
    return tl::unexpected(fmt::format("what is there is not known: {}", database.doubt()));
  pg::Database copy = database;
  pg::Execution execution{copy, script.owner()};
  pg::TableSurroundings surroundings(execution);
  const pg::Checked<pg::Relation> found =
      pg::run_select(*script.statements().front().tree->select_stmt, {}, surroundings);
  if (!found) return tl::unexpected(said(found.error()));
  SqlRows answer;
  for (const pg::ScopeColumn& column : found->columns) answer.columns.push_back(column.name);
  for (const std::vector<pg::Value>& row : found->rows) {
    std::vector<SqlValue>& values = answer.rows.emplace_back();
    for (const pg::Value& value : row) values.push_back(value_of(value));
  }
  answer.certain = std::ranges::find(found->certain, false) == found->certain.end();
  return answer;
}

}  // namespace

std::vector<FactValue> WorldView::facts() const {
  std::vector<FactValue> all;
  for (ServiceIndex service = 0; service < world_.states.size(); ++service) {
    const std::vector<FactSpec> specs = fact_list(context_.kind(service).spec());
    const std::string prefix = context_.plan().services[service].name + '.';
    for (const Fact& fact :
         context_.kind(service).facts(context_, service, *world_.states[service])) {
      FactValue value{prefix + fact.path, fact.value, FactType::text, fact.essential, {}};
      const auto spec = std::ranges::find_if(
          specs, [&](const FactSpec& each) { return is_fact(each, fact.path); });
      if (spec != specs.end()) {
        value.type = spec->type;
        value.help = spec->help;
      }
      all.push_back(std::move(value));
    }
  }
  std::ranges::sort(all, {}, &FactValue::path);
  return all;
}

std::optional<std::string> WorldView::fact(std::string_view path) const {
  const ServiceIndex service = context_.plan().find_service(path.substr(0, path.find('.')));
  if (service == model::kNone || path.find('.') == std::string_view::npos) return std::nullopt;
  const std::string_view own = path.substr(path.find('.') + 1);
  for (Fact& fact : context_.kind(service).facts(context_, service, *world_.states[service])) {
    if (fact.path == own) return std::move(fact.value);
  }
  return std::nullopt;
}

std::optional<bool> WorldView::flag(std::string_view path) const {
  const std::optional<std::string> value = fact(path);
  if (value != "true" && value != "false") return std::nullopt;
  return *value == "true";
}

std::optional<std::int64_t> WorldView::number(std::string_view path) const {
  const std::optional<std::string> value = fact(path);
  std::int64_t number = 0;
  if (!value) return std::nullopt;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
  return number;
}

std::vector<std::string> WorldView::live_versions(std::string_view app) const {
  const ServiceIndex service = context_.plan().find_service(app);
  if (service == model::kNone) return {};
  return context_.kind(service).live_versions(context_, world_, service);
}

tl::expected<SqlRows, std::string> WorldView::sql(std::string_view service,
                                                  const std::string& select) const {
  const ServiceIndex index = context_.plan().find_service(service);
  if (index == model::kNone)
    return tl::unexpected(fmt::format("the plan has no service '{}'", service));
  const auto* state = dynamic_cast<const PostgresState*>(world_.states[index].get());
  if (state == nullptr) return tl::unexpected(fmt::format("'{}' is no PostgreSQL", service));
  if (state->database() == nullptr)
    return tl::unexpected<std::string>("the database does not exist");
  return answer(*state->database(), select);
}

std::vector<FactSpec> fact_list(const Context& context) {
  std::vector<FactSpec> all;
  for (ServiceIndex service = 0; service < context.plan().services.size(); ++service) {
    for (FactSpec spec : fact_list(context.kind(service).spec())) {
      spec.path.insert(0, context.plan().services[service].name + '.');
      all.push_back(std::move(spec));
    }
  }
  return all;
}

}  // namespace backout::services
