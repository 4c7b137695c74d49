#include "cli/lsp/session.hpp"

#include <atomic>
#include <chrono>

#include "cli/baseline.hpp"
#include "cli/documents.hpp"
#include "cli/lsp/uri.hpp"
#include "cli/server.hpp"

namespace backout::lsp {

namespace {

/// Takes out what the baseline knows. One that cannot be read hides nothing.
void leave_out(cli::ExaminedText& examined, const std::string& baseline) {
  if (baseline.empty() || !examined.report) return;
  const auto known = cli::read_baseline(baseline);
  if (!known) return;
  std::vector<reports::PlanReport> reports;
  reports.push_back(std::move(*examined.report));
  cli::leave_out_known(reports, *known, baseline);
  examined.report = std::move(reports.front());
}

}  // namespace

OpenDocument* Session::find(const std::string& uri) {
  const auto found = documents_.find(uri);
  return found == documents_.end() ? nullptr : &found->second;
}

void Session::open(OpenDocument document) {
  OpenDocument& kept = documents_[document.uri];
  kept = std::move(document);
  changed(kept);
}

void Session::close(const std::string& uri) { documents_.erase(uri); }

void Session::changed(OpenDocument& document) {
  document.depth = Depth::nothing;
  document.told = Depth::nothing;
  document.looked.reset();
  document.wrong_config.reset();
  document.kind =
      document.file.empty() ? cli::TextKind::neither : cli::kind_of(document.file, document.text);
}

void Session::changed_on_disk() {
  cli::forget_projects();
  for (auto& [uri, document] : documents_) changed(document);
}

void Session::look(OpenDocument& document, Depth depth, const std::function<bool()>& go_on) {
  if (document.depth >= depth) return;
  const auto done = [&document](Depth reached) { document.depth = reached; };
  if (document.kind == cli::TextKind::neither) return done(Depth::all);
  auto settings = project_.settings_for(document.file);
  if (!settings) {
    document.wrong_config = std::move(settings.error());
    return done(Depth::all);
  }
  if (Project::excludes(*settings, document.file)) return done(Depth::all);
  cli::ask_server(project_.server(*settings));
  const bool search = depth == Depth::all && settings->parts.search;
  settings->search_documents = search;
  settings->parts.search = search;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::milliseconds(project_.budget_ms());
  std::atomic<bool> stopped = false;  // several threads search
  settings->search.go_on = [&](std::uint64_t) {
    if (go_on && !go_on()) stopped = true;
    return !stopped && Clock::now() < end;
  };
  cli::ExaminedText examined = cli::examine_text(document.file, document.text, *settings);
  if (stopped) return;
  leave_out(examined, settings->findings.baseline);
  const bool readable = examined.report.has_value();
  document.looked = std::move(examined);
  done(readable ? depth : Depth::all);
}

}  // namespace backout::lsp
