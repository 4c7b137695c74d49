// The options of the analysis of plans, and the day that counts.
#include <chrono>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/plan_pipeline.hpp"

namespace backout::cli {

namespace po = boost::program_options;

po::options_description plan_options() {
  po::options_description options("Analysis");
  options.add_options()("no-search", "rules only, without the rollback matrix")(
      "faults", po::value<std::int64_t>()->value_name("N"),
      "how many faults at once (default: the plan's limit, else 1)")(
      "fault", po::value<std::vector<std::string>>()->composing()->value_name("FAULT"),
      "consider only this fault kind; repeatable")(
      "runs", po::value<std::uint64_t>()->default_value(5'000)->value_name("N"),
      "timed runs for the percentiles; 0: none (see simulate for more)")(
      "no-reduction", "search every order of every state: slower, the verdicts are the same")(
      "threads", po::value<std::size_t>()->value_name("N"),
      "how many threads search (default: all cores)");
  add_limit_options(
      options, "stop after this much time (10s, 5m): what is known then is reported as bounded");
  options.add_options()("max-states",
                        po::value<std::uint64_t>()->default_value(2'000'000)->value_name("N"),
                        "stop the search there and say that the verdict is bounded")(
      "today", po::value<std::string>()->value_name("YYYY-MM-DD"),
      "the day for expiry dates of suppressions (default: today, UTC)");
  return options;
}

namespace {

/// Whether `text` is a day of the calendar, YYYY-MM-DD.
bool is_date(const std::string& text) {
  std::istringstream in(text);
  char first = 0;
  char second = 0;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  in >> year >> first >> month >> second >> day;
  const bool whole =
      text.size() == 10 && !in.fail() && in.peek() == EOF && first == '-' && second == '-';
  return whole && std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{month},
                                              std::chrono::day{day}}
                      .ok();
}

}  // namespace

PipelineSettings read_plan_options(const po::variables_map& values, PipelineParts parts) {
  PipelineSettings settings;
  settings.parts = parts;
  settings.today = today();
  if (parts.campaign) settings.runs = values["runs"].as<std::uint64_t>();
  if (values.count("no-search")) settings.parts.search = false;
  settings.search.faults = read_faults(values).value_or(settings.search.faults);
  settings.search.max_states = values["max-states"].as<std::uint64_t>();
  if (settings.search.max_states == 0) throw UsageError{"--max-states takes 1 or more"};
  settings.search.threads = read_threads(values);
  settings.limits = read_limits(values);
  settings.search.reduction = values.count("no-reduction") == 0;
  if (values.count("fault"))
    settings.search.fault_kinds = known_faults(values["fault"].as<std::vector<std::string>>());
  if (values.count("today")) {
    settings.today = values["today"].as<std::string>();
    if (!is_date(settings.today))
      throw UsageError{fmt::format("--today takes a day, YYYY-MM-DD, not '{}'", settings.today)};
  }
  return settings;
}

}  // namespace backout::cli
