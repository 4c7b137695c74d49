#pragma once
// Options that several subcommands share: what fails a run, and where reports go.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/config.hpp"
#include "cli/program_options.hpp"
#include "cli/watch.hpp"
#include "reports/report.hpp"

namespace backout::cli {

enum class UnknownPolicy { fail, warn, ignore };

/// `--format F [--output FILE]`, repeatable: the n-th --output belongs to the n-th --format; `-` is
/// standard output.
struct ReportTarget {
  const reports::Format* format = nullptr;
  std::string file;
};

struct ReportOptions {
  std::vector<ReportTarget> targets;
  std::optional<model::Severity> fail_on = model::Severity::error;  ///< nullopt: never
  UnknownPolicy unknown = UnknownPolicy::fail;
  bool verbose = false;        ///< text: all of it
  bool quiet = false;          ///< text: what to fix, and nothing when there is nothing
  bool statistics = false;     ///< text: how many findings of each rule
  std::optional<bool> colour;  ///< nullopt: as the terminal is
};

/// What a command's reports may be.
struct ReportChoice {
  std::string default_format = "text";
  std::vector<std::string> formats = {};  ///< empty: all that reports of plans have
  bool findings =
      true;  ///< there are findings in it: --verbose, --quiet and --statistics mean something
};

/// The options of --format, --output, --fail-on, --unknown and --color, for a subcommand's --help.
boost::program_options::options_description report_options(const ReportChoice& choice = {});
/// Reads them. Throws UsageError for a word that is none of the choices.
ReportOptions read_report_options(const boost::program_options::variables_map& values,
                                  const ReportChoice& choice = {});

/// Reads --fail-on and --unknown where the command line says nothing of them.
void read_defaults(const boost::program_options::variables_map& values, const Config& config,
                   ReportOptions& options);

/// How a report on this target is written: colours, width.
reports::Style style_of(const Invocation& invocation, const ReportOptions& options,
                        const std::string& file);

/// The severity that a word of --fail-on stands for, nullopt for never. Throws UsageError.
std::optional<model::Severity> read_fail_on(const std::string& word);

/// The names of fault kinds as they are. Throws UsageError for one that is none, with the nearest.
std::vector<std::string> known_faults(std::vector<std::string> names);

/// --faults; nullopt: the plan says how many. Throws UsageError.
std::optional<std::int64_t> read_faults(const boost::program_options::variables_map& values);
/// --time-budget, with what becomes of the work then, and --max-memory.
void add_limit_options(boost::program_options::options_description& options, const char* help);
/// What they say. Throws UsageError.
Watch::Limits read_limits(const boost::program_options::variables_map& values);
/// --threads: all cores unless it is given. Throws UsageError.
std::size_t read_threads(const boost::program_options::variables_map& values);

/// What the command line names first, from where backout.toml is looked for; the folder where it
/// runs when that is standard input, or nothing.
std::string start_of(const boost::program_options::variables_map& values, const char* positional);

/// Parses `arguments`; prints `usage` and the options and returns nullopt on --help. Throws
/// UsageError. Positional arguments go to the option named `positional` (nullptr: there are none).
/// Give options that take a value a value_name (FILE, DIR, RULE, N, ...), and begin the description
/// of one that takes fixed words with them ("dot|svg"): completions and man pages read both.
std::optional<boost::program_options::variables_map> parse_arguments(
    const Invocation& invocation, const std::string& usage,
    boost::program_options::options_description options, const char* positional);

/// Writes every target. Returns false after a message on `err` when a file cannot be written.
bool write_reports(const Invocation& invocation, const ReportOptions& options,
                   const std::vector<reports::PlanReport>& reports);

/// Today's date, YYYY-MM-DD, UTC.
std::string today();

}  // namespace backout::cli
