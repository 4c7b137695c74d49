// backout rehearse DIR|PLAN...: the verdicts of `migrations` once more, from a real PostgreSQL. The
// one command that connects.
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/command.hpp"
#include "cli/finding_options.hpp"
#include "cli/migration_input.hpp"
#include "cli/migration_output.hpp"
#include "cli/options.hpp"
#include "cli/output_file.hpp"
#include "cli/parallel.hpp"
#include "cli/server.hpp"
#include "cli/truth.hpp"
#include "rehearsal/private_server.hpp"
#include "rehearsal/rehearse.hpp"

namespace backout::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kRehearseHelp =
    "Usage: backout rehearse [OPTIONS] --serve DIR|PLAN...\n"
    "       backout rehearse [OPTIONS] --postgres URL DIR|PLAN...\n\n"
    "Runs the ups and downs of migrations on a real PostgreSQL, in scratch databases that it makes "
    "and drops, with the rows\n"
    "on which `backout migrations` judges them, and compares: what PostgreSQL says is the "
    "verdict.\n";

struct RehearseSettings {
  ReportOptions reports;
  MigrationOptions input;
  FindingOptions findings;
  std::string url;
  bool serve = false;
  std::set<std::string> allowed_hosts;
  std::string truth;
};

std::optional<RehearseSettings> read_rehearse_settings(const Invocation& invocation) {
  po::options_description options("Rehearsal");
  options.add_options()("postgres", po::value<std::string>()->value_name("URL"),
                        "the server, as psql takes it: postgresql://user@localhost:5432")(
      "serve", "start a private PostgreSQL for it, and stop it afterwards")(
      "allow-host", po::value<std::vector<std::string>>()->composing()->value_name("NAME"),
      "a server that is not this machine, by its name in the URL")(
      "write-truth", po::value<std::string>()->value_name("FILE"),
      "one JSON object per migration: what PostgreSQL said");
  add_migration_options(options);
  const ReportChoice choice = migrations_reports();
  options.add(finding_options(false)).add(report_options(choice));
  const auto values = parse_arguments(invocation, kRehearseHelp, options, "dir");
  if (!values) return std::nullopt;
  RehearseSettings settings{read_report_options(*values, choice),
                            read_migration_options(*values),
                            {},
                            {},
                            values->count("serve") > 0,
                            {},
                            {}};
  settings.findings = read_finding_options(*values, settings.input.folders.front());
  read_defaults(*values, settings.findings.config, settings.reports);
  if (values->count("postgres")) settings.url = (*values)["postgres"].as<std::string>();
  if (values->count("write-truth")) settings.truth = (*values)["write-truth"].as<std::string>();
  if (values->count("allow-host")) {
    const auto hosts = (*values)["allow-host"].as<std::vector<std::string>>();
    settings.allowed_hosts.insert(hosts.begin(), hosts.end());
  }
  if (settings.url.empty() != settings.serve)
    throw UsageError{"say where to rehearse: either --serve or --postgres URL"};
  return settings;
}

/// The server, and the private one behind it that lives as long.
struct Stage {
  std::optional<rehearsal::PrivateServer> own;
  std::shared_ptr<rehearsal::ScratchServer> server;
};

tl::expected<Stage, std::string> set_stage(const RehearseSettings& settings) {
  Stage stage;
  if (settings.serve) {
    auto own = rehearsal::PrivateServer::start();
    if (!own) return tl::unexpected(own.error());
    stage.own.emplace(std::move(*own));
  }
  const auto address = rehearsal::Address::parse(stage.own ? stage.own->address() : settings.url);
  if (!address) return tl::unexpected(address.error());
  auto server = rehearsal::ScratchServer::open(*address, settings.allowed_hosts);
  if (!server) return tl::unexpected(server.error());
  stage.server = std::move(*server);
  return stage;
}

/// The folders together, and each plan by itself.
bool read_inputs(const MigrationOptions& options, std::vector<MigrationInput>& inputs,
                 std::ostream& err) {
  MigrationOptions folders = options;
  folders.folders.clear();
  for (const std::string& path : options.folders) {
    const std::string kind = std::filesystem::path(path).extension().string();
    if (!std::filesystem::is_regular_file(path) ||
        (kind != ".yaml" && kind != ".yml" && kind != ".json")) {
      folders.folders.push_back(path);
      continue;
    }
    auto input = read_planned_migrations(path, err);
    if (!input) return false;
    inputs.push_back(std::move(*input));
  }
  if (folders.folders.empty()) return true;
  auto input = read_migrations(folders, err);
  if (!input) return false;
  inputs.push_back(std::move(*input));
  return true;
}

/// Why the server did not go through with it; nothing when it did.
std::optional<std::string> rehearse(const MigrationInput& input,
                                    const std::shared_ptr<rehearsal::ScratchServer>& server,
                                    Watch& watch, MigrationOutput& output) {
  for (const ChainInput& chain : input.chains) {
    auto done = rehearsal::rehearse(chain.set, *input.sources, judge_options(chain, &watch), server,
                                    empty_database());
    if (!done) return done.error();
    output.add(chain, std::move(done->judgement), std::move(done->rehearsed));
  }
  return std::nullopt;
}

}  // namespace

int run_rehearse(const Invocation& invocation) {
  const auto settings = read_rehearse_settings(invocation);
  if (!settings) return kOk;
  std::vector<MigrationInput> inputs;
  if (!read_inputs(settings->input, inputs, invocation.err)) return kInvalidInput;
  const auto fail = [&](const std::string& why) {
    invocation.err << fmt::format("backout: rehearse: {}\n", why);
    return kInvalidInput;
  };
  auto stage = set_stage(*settings);
  if (!stage) return fail(stage.error());
  int status = kOk;
  Watch watch(settings->input.limits, invocation.err);
  std::ostringstream truth;
  for (const MigrationInput& input : inputs) {
    MigrationOutput output(input, settings->findings.selection);
    if (const auto why = rehearse(input, stage->server, watch, output)) return fail(*why);
    if (!write_migrations(invocation, settings->reports, output.report())) return kOutput;
    write_truth(output.report(), truth);
    status = std::max(status, status_of(output.report(), settings->reports));
  }
  const bool written =
      settings->truth.empty() ||
      write_output(invocation, settings->truth, [&](std::ostream& out) { out << truth.str(); });
  return written ? say_stopped(watch, status, invocation.err) : kOutput;
}

}  // namespace backout::cli
