// backout lsp: a language server over standard input and output, for editors.
#include <istream>
#include <ostream>

#include "cli/lsp/server.hpp"
#include "cli/options.hpp"
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

namespace {

constexpr const char* kLspHelp =
    "Usage: backout lsp [OPTIONS]\n\n"
    "A language server (LSP 3.17) over standard input and output: what `check` finds in plans, "
    "runbooks, scripts and\n"
    "workflows while they are written, with explanations, completions and fixes. Editors start it: "
    "docs/editors.md says\n"
    "how. It reads files beside those that are open, writes none and runs nothing.";

}  // namespace

int run_lsp(const Invocation& invocation) {
  namespace po = boost::program_options;
  po::options_description options("Server");
  options.add_options()("stdio",
                        "talk over standard input and output, as it always does: editors say it");
  po::options_description all;
  all.add(options).add(plan_options()).add(finding_options(false));
  const auto values = parse_arguments(invocation, kLspHelp, all, nullptr);
  if (!values) return kOk;
  return lsp::serve(lsp::Project(*values), invocation.in, invocation.out);
}

}  // namespace backout::cli
