#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/rules/support.hpp"
#include "services/postgres_locks.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// A table of at most so many rows is read through before anybody notices.
constexpr std::int64_t kFew = 10'000;

/// How many rows the plan says that a table has; -1: it does not say.
std::int64_t rows_of(const model::Service& store, const std::string& table) {
  const model::Node* tables = store.fields.find("tables");
  if (tables == nullptr) return -1;
  for (const model::Node::Entry& entry : tables->entries) {
    if (entry.key != table && !entry.key.ends_with("." + table) &&
        !table.ends_with("." + entry.key))
      continue;
    const model::Node* rows = entry.value.find("rows");
    return rows == nullptr ? -1 : rows->as_integer().value_or(-1);
  }
  return -1;
}

/// Whether the table was there before the deploy: one that the deploy makes is empty.
bool was_there(const Facts& facts, model::ServiceIndex store, const std::string& table) {
  const std::string path = fmt::format("{}.tables.{}", facts.plan->services[store].name, table);
  return std::ranges::any_of(services::facts_of(facts.context, facts.start),
                             [&](const services::Fact& fact) {
                               return fact.path == path || fact.path.starts_with(path + '.');
                             });
}

/// The apps and workers of the plan that are at work on the store.
std::vector<std::string> at_work(const Facts& facts, const Replayed& replayed,
                                 model::ServiceIndex store) {
  std::vector<std::string> names;
  for (const model::ServiceIndex writer :
       services::writers(facts.context, replayed.before, store)) {
    names.push_back(fmt::format("'{}'", facts.plan->services[writer].name));
  }
  return names;
}

}  // namespace

std::vector<model::Finding> check_lock_under_traffic(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (const Replayed& replayed : *run.steps) {
      const model::ServiceIndex store = plan.steps[replayed.step].target;
      if (is_refused(replayed)) continue;
      for (const services::LongLock& lock :
           services::long_locks(facts.context, facts.actions[replayed.step])) {
        const std::int64_t rows = rows_of(plan.services[store], lock.table);
        if ((rows >= 0 && rows <= kFew) || !was_there(facts, store, lock.table)) continue;
        const std::vector<std::string> names = at_work(facts, replayed, store);
        if (names.empty()) break;
        findings.push_back(about_step(
            plan, replayed.step, model::Severity::warning,
            fmt::format("'{}' locks '{}' against {} while it goes through all of it ({}), and {} "
                        "{} at work on it ({})",
                        plan.steps[replayed.step].id, lock.table,
                        lock.blocks_reads ? "readers and writers" : "writers", lock.statement,
                        fmt::join(names, ", "), names.size() == 1 ? "is" : "are", run.name)));
        findings.back().fix = fmt::format("write {}, or stop them first", lock.instead);
        break;
      }
    }
  }
  return findings;
}

}  // namespace backout::analyzer
