#pragma once
// What may be asked of a world, by whoever writes a property of their own: facts with their types,
// who serves, SQL.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "services/fact_list.hpp"
#include "services/service.hpp"

namespace backout::services {

/// A fact of a world with its type.
struct FactValue {
  std::string path;   ///< as reports name it: "api.version"
  std::string value;  ///< as it is printed: "v2", "true", "17"
  FactType type = FactType::text;
  bool essential = true;  ///< a rollback must restore it
  std::string help;       ///< what it is; empty: the kind does not say

  friend bool operator==(const FactValue&, const FactValue&) = default;
};

/// A value of an answer to SQL. The rows of the fake are representatives: some values nobody can
/// know.
struct SqlValue {
  bool known = true;  ///< false: the fake cannot tell, `text` and `null` say nothing
  bool null = false;  ///< NULL
  std::string text;   ///< as `::text` prints it; empty for NULL

  friend bool operator==(const SqlValue&, const SqlValue&) = default;
};

/// The answer to a SELECT.
struct SqlRows {
  std::vector<std::string> columns;
  std::vector<std::vector<SqlValue>> rows;
  bool certain = true;  ///< false: some of the rows may not be there
};

/// A world of a plan, to ask. It refers to the context and the world that it is made of; both must
/// outlive it.
class WorldView {
 public:
  WorldView(const Context& context, const World& world) : context_(context), world_(world) {}

  const Context& context() const { return context_; }
  const World& world() const { return world_; }

  /// All facts, sorted by path: what may be asked for by name in this world.
  std::vector<FactValue> facts() const;
  /// The fact as text; nullopt: there is no such fact in this world.
  std::optional<std::string> fact(std::string_view path) const;
  /// A fact that is true or false; nullopt when it is absent or says something else.
  std::optional<bool> flag(std::string_view path) const;
  /// A fact that is a whole number; nullopt when it is absent or says something else.
  std::optional<std::int64_t> number(std::string_view path) const;

  /// The versions of the app that serve now; none when it is down, or when the plan has no such
  /// app.
  std::vector<std::string> live_versions(std::string_view app) const;

  /// The rows that a SELECT gives on the live database of a PostgreSQL service. Nothing is changed,
  /// whatever it calls.
  ///
  /// The rows are those of the plan, its steps and its traffic, and witnesses that its statements
  /// could get wrong, not those of production: "no NULL here" is a good question, "10,000 of them"
  /// is none. An error says why: no such service, no SELECT, what PostgreSQL refuses (with its
  /// words), what the fake does not follow.
  tl::expected<SqlRows, std::string> sql(std::string_view service, const std::string& select) const;

 private:
  const Context& context_;
  const World& world_;
};

/// What may be asked of services of this plan, whatever happens: every family of facts, `path` with
/// the service's name before it ("settings.items.<key>"), sorted by service.
std::vector<FactSpec> fact_list(const Context& context);

}  // namespace backout::services
