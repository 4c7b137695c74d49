#include "cli/options.hpp"

#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/output_file.hpp"

namespace backout::cli {

namespace po = boost::program_options;

po::options_description report_options(const std::string& default_format) {
  std::string formats;
  for (const reports::Format& format : reports::all_formats()) {
    formats += fmt::format("{}{}", formats.empty() ? "" : "|", format.name);
  }
  po::options_description options("Reports");
  options.add_options()
      ("format", po::value<std::vector<std::string>>()->composing()->value_name("FORMAT"),
       (formats + "; repeatable (default " + default_format + ")").c_str())
      ("output", po::value<std::vector<std::string>>()->composing()->value_name("FILE"),
       "file for the --format of the same position; - is standard output (default)")
      ("fail-on", po::value<std::string>()->default_value("error")->value_name("SEVERITY"),
       "error|warning|note|never: exit 1 when a finding is at or above it")
      ("unknown", po::value<std::string>()->default_value("fail")->value_name("POLICY"),
       "fail|warn|ignore: an UNKNOWN verdict or a reached limit exits 4, is reported, or is not");
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

std::vector<std::string> words_of(const po::variables_map& values, const char* name) {
  return values.count(name) ? values[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

}  // namespace

ReportOptions read_report_options(const po::variables_map& values, const std::string& default_format) {
  ReportOptions options;
  options.fail_on = read_fail_on(values["fail-on"].as<std::string>());
  options.unknown = read_unknown(values["unknown"].as<std::string>());
  std::vector<std::string> formats = words_of(values, "format");
  const std::vector<std::string> outputs = words_of(values, "output");
  if (formats.empty()) formats.push_back(default_format);
  if (outputs.size() > formats.size()) {
    throw UsageError{"more --output than --format: each --output belongs to the --format of the same position"};
  }
  std::size_t to_stdout = 0;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const reports::Format* format = reports::find_format(formats[i]);
    if (format == nullptr) {
      std::vector<std::string> known;
      for (const reports::Format& each : reports::all_formats()) known.emplace_back(each.name);
      throw UsageError{fmt::format("unknown format '{}'; known: {}", formats[i], fmt::join(known, ", "))};
    }
    options.targets.push_back({format, i < outputs.size() ? outputs[i] : "-"});
    if (options.targets.back().file == "-") ++to_stdout;
  }
  if (to_stdout > 1) throw UsageError{"two formats on standard output: give all but one an --output FILE"};
  return options;
}

namespace {

/// The parser takes -1 for the largest number where only numbers from 0 on fit.
void refuse_negative(const po::parsed_options& parsed, const po::variables_map& values) {
  for (const po::option& option : parsed.options) {
    if (option.string_key.empty() || option.value.empty() || !option.value.front().starts_with('-')) continue;
    const std::type_info& type = values[option.string_key].value().type();
    if (type == typeid(std::uint64_t) || type == typeid(std::size_t) || type == typeid(unsigned)) {
      throw UsageError{fmt::format("--{} takes 0 or more, not '{}'", option.string_key, option.value.front())};
    }
  }
}

}  // namespace

std::optional<po::variables_map> parse_arguments(const Invocation& invocation, const std::string& usage,
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
    const po::parsed_options parsed =
        po::command_line_parser(invocation.arguments).options(with_positional).positional(places).style(style).run();
    po::store(parsed, values);
    po::notify(values);
    refuse_negative(parsed, values);
  } catch (const po::error& error) {
    throw UsageError{error.what()};
  }
  if (values.count("help")) {
    invocation.out << usage << '\n' << all;
    return std::nullopt;
  }
  return values;
}

namespace {

/// The command line as a shell reads it.
std::string command_line_of(const Invocation& invocation) {
  std::string line = "backout " + invocation.name;
  for (const std::string& word : invocation.arguments) {
    const bool plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") == std::string::npos;
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
    const bool colour = invocation.colour && target.file == "-";
    const auto print = [&](std::ostream& out) { target.format->write(reports, {colour, command}, out); };
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
