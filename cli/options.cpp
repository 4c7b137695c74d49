#include "cli/options.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/command_line.hpp"
#include "cli/finding_options.hpp"
#include "cli/output_file.hpp"
#include "model/duration.hpp"
#include "model/load.hpp"
#include "simulator/faults.hpp"
#include "simulator/packed_state.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

std::vector<std::string> formats_of(const ReportChoice& choice) {
  if (!choice.formats.empty()) return choice.formats;
  std::vector<std::string> formats;
  for (const reports::Format& format : reports::all_formats()) formats.emplace_back(format.name);
  return formats;
}

}  // namespace

po::options_description report_options(const ReportChoice& choice) {
  const std::string formats = fmt::format(
      "{}; repeatable (default {})", fmt::join(formats_of(choice), "|"), choice.default_format);
  po::options_description options("Reports");
  options.add_options()("format",
                        po::value<std::vector<std::string>>()->composing()->value_name("FORMAT"),
                        formats.c_str())(
      "output", po::value<std::vector<std::string>>()->composing()->value_name("FILE"),
      "file for the --format of the same position; - is standard output (default)")(
      "fail-on", po::value<std::string>()->default_value("error")->value_name("SEVERITY"),
      "error|warning|note|never: exit 1 when a finding is at or above it")(
      "unknown", po::value<std::string>()->default_value("fail")->value_name("POLICY"),
      "fail|warn|ignore: an UNKNOWN verdict or a reached limit exits 4, is reported, or is not")(
      "color", po::value<std::string>()->default_value("auto")->value_name("WHEN"),
      "auto|always|never: auto is on a terminal, as NO_COLOR, FORCE_COLOR and TERM=dumb say");
  if (!choice.findings) return options;
  options.add_options()("verbose,v",
                        "text: every finding with its line in the file, every counterexample")(
      "quiet,q", "text: only what to fix; nothing when there is nothing")(
      "statistics", "text: how many findings of each rule, instead of them");
  return options;
}

std::optional<model::Severity> read_fail_on(const std::string& word) {
  if (word == "error") return model::Severity::error;
  if (word == "warning") return model::Severity::warning;
  if (word == "note") return model::Severity::note;
  if (word == "never") return std::nullopt;
  throw UsageError{fmt::format("--fail-on takes error, warning, note or never, not '{}'", word)};
}

namespace {

UnknownPolicy read_unknown(const std::string& word) {
  if (word == "fail") return UnknownPolicy::fail;
  if (word == "warn") return UnknownPolicy::warn;
  if (word == "ignore") return UnknownPolicy::ignore;
  throw UsageError{fmt::format("--unknown takes fail, warn or ignore, not '{}'", word)};
}

std::vector<std::string> values_of(const po::variables_map& values, const char* name) {
  return values.count(name) ? values[name].as<std::vector<std::string>>()
                            : std::vector<std::string>{};
}

}  // namespace

namespace {

std::optional<bool> read_color(const std::string& word) {
  if (word == "auto") return std::nullopt;
  if (word == "always" || word == "never") return word == "always";
  throw UsageError{fmt::format("--color takes auto, always or never, not '{}'", word)};
}

/// Which format goes where.
std::vector<ReportTarget> read_targets(const po::variables_map& values,
                                       const ReportChoice& choice) {
  std::vector<ReportTarget> targets;
  std::vector<std::string> formats = values_of(values, "format");
  const std::vector<std::string> outputs = values_of(values, "output");
  if (formats.empty()) formats.push_back(choice.default_format);
  if (outputs.size() > formats.size()) {
    throw UsageError{
        "more --output than --format: each --output belongs to the --format of the same position"};
  }
  const std::vector<std::string> known = formats_of(choice);
  std::size_t to_stdout = 0;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (std::ranges::find(known, formats[i]) == known.end()) {
      const std::string near = model::nearest(formats[i], known);
      throw UsageError{fmt::format("unknown format '{}'{}; known: {}", formats[i],
                                   near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                                   fmt::join(known, ", "))};
    }
    targets.push_back({reports::find_format(formats[i]), i < outputs.size() ? outputs[i] : "-"});
    if (targets.back().file == "-") ++to_stdout;
  }
  if (to_stdout > 1)
    throw UsageError{"two formats on standard output: give all but one an --output FILE"};
  return targets;
}

}  // namespace

ReportOptions read_report_options(const po::variables_map& values, const ReportChoice& choice) {
  ReportOptions options;
  options.fail_on = read_fail_on(values["fail-on"].as<std::string>());
  options.unknown = read_unknown(values["unknown"].as<std::string>());
  options.colour = read_color(values["color"].as<std::string>());
  options.verbose = values.count("verbose") > 0;
  options.quiet = values.count("quiet") > 0;
  options.statistics = values.count("statistics") > 0;
  if (options.verbose && options.quiet)
    throw UsageError{"--verbose and --quiet exclude each other"};
  options.targets = read_targets(values, choice);
  return options;
}

void read_defaults(const po::variables_map& values, const Config& config, ReportOptions& options) {
  if (config.fail_on && values["fail-on"].defaulted())
    options.fail_on = read_fail_on(config.fail_on->value);
  if (config.unknown && values["unknown"].defaulted())
    options.unknown = read_unknown(config.unknown->value);
}

reports::Style style_of(const Invocation& invocation, const ReportOptions& options,
                        const std::string& file) {
  reports::Style style;
  style.colour = options.colour.value_or(invocation.colour && file == "-");
  style.links = invocation.links && file == "-";
  style.verbose = options.verbose;
  style.quiet = options.quiet;
  style.statistics = options.statistics;
  if (file == "-") style.width = invocation.width;
  return style;
}

std::vector<std::string> known_faults(std::vector<std::string> names) {
  std::vector<std::string> known{"all"};
  for (const simulator::FaultInfo& fault : simulator::fault_catalogue())
    known.emplace_back(fault.name);
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string near = model::nearest(name, known);
    throw UsageError{fmt::format("--fault: '{}' is no fault kind{}; known: {}", name,
                                 near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                                 fmt::join(known, ", "))};
  }
  return names;
}

std::optional<std::int64_t> read_faults(const po::variables_map& values) {
  if (!values.count("faults")) return std::nullopt;
  const std::int64_t faults = values["faults"].as<std::int64_t>();
  if (faults < 0 || faults > simulator::kMostFaults)
    throw UsageError{fmt::format("--faults takes 0 to {}", simulator::kMostFaults)};
  return faults;
}

namespace {

/// "30s" in ms.
std::int64_t read_time_budget(const std::string& text) {
  const auto time = model::parse_duration(text);
  if (!time || time->unknown)
    throw UsageError{fmt::format("--time-budget takes a time like 30s, not '{}'", text)};
  return time->high_ms;
}

/// "512M" in bytes.
std::uint64_t read_memory(const std::string& text) {
  constexpr std::string_view kUnits = "KMG";
  std::uint64_t bytes = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, bytes);
  const std::size_t unit = end - rest == 1 ? kUnits.find(*rest) : std::string_view::npos;
  const bool fits = error == std::errc{} && bytes > 0 && bytes <= (std::uint64_t{1} << 33U);
  if (!fits || unit == std::string_view::npos)
    throw UsageError{fmt::format("--max-memory takes a size like 512M or 2G, not '{}'", text)};
  return bytes << (10 * (unit + 1));
}

}  // namespace

void add_limit_options(po::options_description& options, const char* help) {
  options.add_options()("time-budget", po::value<std::string>()->value_name("TIME"), help)(
      "max-memory", po::value<std::string>()->value_name("SIZE"), "the same for memory (512M, 2G)");
}

Watch::Limits read_limits(const po::variables_map& values) {
  Watch::Limits limits;
  if (values.count("time-budget"))
    limits.time_ms = read_time_budget(values["time-budget"].as<std::string>());
  if (values.count("max-memory"))
    limits.memory_bytes = read_memory(values["max-memory"].as<std::string>());
  return limits;
}

std::size_t read_threads(const po::variables_map& values) {
  const std::size_t threads = values.count("threads")
                                  ? values["threads"].as<std::size_t>()
                                  : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  if (threads == 0 || threads > 1024) throw UsageError{"--threads takes 1 to 1024"};
  return threads;
}

namespace {

/// The parser takes -1 for the largest number where only numbers from 0 on fit.
void refuse_negative(const po::parsed_options& parsed, const po::variables_map& values) {
  for (const po::option& option : parsed.options) {
    if (option.string_key.empty() || option.value.empty() || !option.value.front().starts_with('-'))
      continue;
    const std::type_info& type = values[option.string_key].value().type();
    if (type == typeid(std::uint64_t) || type == typeid(std::size_t) || type == typeid(unsigned)) {
      throw UsageError{fmt::format("--{} takes no negative number like '{}'", option.string_key,
                                   option.value.front())};
    }
  }
}

/// The backout.toml that holds for the command line; empty for commands that read none.
std::string config_of(const po::options_description& options, const po::variables_map& values,
                      const char* positional) {
  const bool reads = options.find_nothrow("no-config", false) != nullptr;
  return reads ? config_for(values, start_of(values, positional)) : "";
}

/// Gives options that the command line leaves out the values that backout.toml has for the command.
/// What is wrong with the file itself is said by whoever reads the rest of it.
void apply_defaults(const Invocation& invocation, const po::options_description& options,
                    const std::string& file, po::variables_map& values) {
  const auto config =
      file.empty() ? tl::expected<Config, ConfigError>(Config()) : read_config(file);
  const auto defaults =
      config ? config->defaults.find(invocation.name) : decltype(config->defaults.end())();
  if (!config || defaults == config->defaults.end()) return;
  for (const DefaultOption& each : defaults->second) {
    const auto wrong = [&](const std::string& why) {
      return InvalidInput{
          fmt::format("backout: {}: [defaults.{}]: {}\n", each.file, invocation.name, why)};
    };
    const po::option_description* option = options.find_nothrow(each.name, false);
    const bool is_flag = option != nullptr && option->semantic()->max_tokens() == 0;
    if (option == nullptr || is_flag != each.values.empty()) {
      const std::string why = option == nullptr ? "it has no such option"
                              : is_flag         ? "true or false"
                                                : "it takes a value";
      throw wrong(fmt::format("'{}': {}", each.name, why));
    }
    const bool said = values.count(each.name) > 0 && !values[each.name].defaulted();
    if (said || each.is_off) continue;
    po::parsed_options given(&options);
    given.options.emplace_back(each.name, each.values);
    try {
      po::store(given, values);
      refuse_negative(given, values);
    } catch (const po::error& error) {
      throw wrong(error.what());
    } catch (const UsageError& error) {
      throw wrong(error.message);
    }
  }
}

}  // namespace

namespace {

/// " (did you mean '--severity'?)" for "--sevrity"; else empty.
std::string near_option(const std::string& name, const po::options_description& options) {
  if (!name.starts_with("--")) return "";
  std::vector<std::string> known;
  for (const auto& option : options.options()) known.push_back(option->long_name());
  const std::string near = model::nearest(name.substr(2), known);
  return near.empty() ? "" : fmt::format(" (did you mean '--{}'?)", near);
}

}  // namespace

std::string start_of(const po::variables_map& values, const char* positional) {
  if (values.count("stdin-filename")) return values["stdin-filename"].as<std::string>();
  const bool named = positional != nullptr && values.count(positional) > 0;
  const std::string first = named ? values[positional].as<std::vector<std::string>>().front() : "-";
  return first == "-" ? "." : first;
}

std::optional<po::variables_map> parse_arguments(const Invocation& invocation,
                                                 const std::string& usage,
                                                 po::options_description options,
                                                 const char* positional) {
  po::options_description all;
  all.add(options);
  all.add_options()("help,h", "this text");
  if (invocation.description != nullptr) {
    *invocation.description = describe_options(usage, all, positional);
    return std::nullopt;
  }
  po::options_description with_positional;
  with_positional.add(all);
  po::positional_options_description places;
  if (positional != nullptr) {
    with_positional.add_options()(positional, po::value<std::vector<std::string>>(), "");
    places.add(positional, -1);
  }
  po::variables_map values;
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    const po::parsed_options parsed = po::command_line_parser(invocation.arguments)
                                          .options(with_positional)
                                          .positional(places)
                                          .style(style)
                                          .run();
    po::store(parsed, values);
    po::notify(values);
    refuse_negative(parsed, values);
  } catch (const po::unknown_option& error) {
    throw UsageError{error.what() + near_option(error.get_option_name(), all)};
  } catch (const po::error& error) {
    throw UsageError{error.what()};
  }
  if (!values.count("help"))
    apply_defaults(invocation, with_positional, config_of(with_positional, values, positional),
                   values);
  if (values.count("help")) {
    print_help(usage, all, invocation.width, invocation.out);
    return std::nullopt;
  }
  return values;
}

namespace {

/// The command line as a shell reads it.
std::string command_line_of(const Invocation& invocation) {
  std::string line = "backout " + invocation.name;
  for (const std::string& word : invocation.arguments) {
    const bool plain =
        word.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") ==
        std::string::npos;
    std::string quoted;
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += plain && !word.empty() ? ' ' + word : " '" + quoted + '\'';
  }
  return line;
}

}  // namespace

bool write_reports(const Invocation& invocation, const ReportOptions& options,
                   const std::vector<reports::PlanReport>& reports) {
  const std::string command = command_line_of(invocation);
  bool written = true;
  for (const ReportTarget& target : options.targets) {
    reports::Style style = style_of(invocation, options, target.file);
    style.command = command;
    const auto print = [&](std::ostream& out) { target.format->write(reports, style, out); };
    written = write_output(invocation, target.file, print) && written;
  }
  return written;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

}  // namespace backout::cli
