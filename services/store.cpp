#include "services/store.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::services {

std::vector<Datum> area_data(const Record& record, const std::string& area) {
  std::vector<Datum> data;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(area + '.')) data.push_back({key + '=' + value, area});
  }
  return data;
}

Record with_backups(const Plan& plan, ServiceIndex self, const Record& record,
                    const std::string& area) {
  Record next = record;
  for (const model::Backup& backup : plan.backups) {
    if (backup.of != self) continue;
    const bool dated = backup.age && !backup.age->unknown;
    next = copy_area(next, area, "copy." + backup.name)
               .with("copies." + backup.name,
                     dated ? to_string(*backup.age) + " before" : backup.name);
  }
  return next;
}

bool is_damaged(const Record& store, const std::string& copy) {
  return store.has("damaged." + copy);
}

Changes harmed_copy(const Context& context, const World& world, const Action& action, Harm harm,
                    const std::string& area) {
  const Record& store = world.record(action.service);
  const std::string from = kCopyFrom.in(action.args);
  if (!store.has("copies." + from)) return {};
  const std::string copy = "copy." + from;
  const auto become = [&](const Record& next) -> Changes {
    if (next.equals(store)) return {};
    return {{action.service, next.share()}};
  };
  if (harm == Harm::gone) return become(without_area(store, copy).without("copies." + from));
  if (harm == Harm::corrupt) return become(store.with("damaged." + from, "true"));
  if (harm != Harm::stale) return {};
  std::vector<model::Mistake> reported_before;
  const StatePtr first =
      context.kind(action.service).initial(context, action.service, reported_before);
  return become(copy_area(static_cast<const Record&>(*first), area, store, copy));
}

CheckResult check_kept(const Context& context, const World& world, const model::Check& check,
                       const std::vector<std::string>& areas) {
  if (check.type != model::Check::Type::rows) {
    return {CheckResult::Value::unknown,
            "what the query answers, the fake of this store cannot say"};
  }
  const ServiceIndex self = check.services.front();
  std::vector<model::Mistake> reported_before;
  const StatePtr first = context.kind(self).initial(context, self, reported_before);
  const Record& now = world.record(self);
  for (const auto& [key, value] : static_cast<const Record&>(*first).facts()) {
    if (!key.starts_with(areas.front() + '.')) continue;
    const std::string row = key.substr(areas.front().size());
    const bool kept =
        std::ranges::any_of(areas, [&](const std::string& area) { return now.has(area + row); });
    if (!kept)
      return {CheckResult::Value::fail, fmt::format("the rows of '{}' are gone", row.substr(1))};
  }
  return {CheckResult::Value::pass, ""};
}

}  // namespace backout::services
