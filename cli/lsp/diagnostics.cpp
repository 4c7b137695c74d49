// What `check` finds, as diagnostics: of the document itself and of the files that a plan names.
#include "cli/lsp/diagnostics.hpp"

#include <set>

#include "cli/lsp/session.hpp"
#include "cli/lsp/uri.hpp"
#include "reports/rules.hpp"

namespace backout::lsp {

namespace {

int severity_of(model::Severity severity) {
  switch (severity) {
    case model::Severity::error:
      return 1;
    case model::Severity::warning:
      return 2;
    case model::Severity::note:
      return 3;
  }
  return 1;
}

std::string with_fix(const std::string& message, const std::string& fix) {
  return fix.empty() ? message : message + "\nfix: " + fix;
}

Json diagnostic(const Json& range, int severity, std::string message) {
  return {{"range", range},
          {"severity", severity},
          {"source", "backout"},
          {"message", std::move(message)}};
}

}  // namespace

Places::Places(const Session& session, const OpenDocument& document, const model::Sources& sources)
    : session_(session), document_(document), sources_(sources) {}

const Lines& Places::lines(std::uint32_t file) {
  auto found = lines_.find(file);
  if (found == lines_.end())
    found = lines_.emplace(file, session_.lines(sources_[file].text())).first;
  return found->second;
}

Json Places::range(const model::Span& span) {
  if (span.file >= sources_.size()) return lines(0).range(0, 0);
  return lines(span.file).range(span.begin, span.end);
}

std::string Places::uri(const model::Span& span) const {
  return span.file == 0 || span.file >= sources_.size() ? document_.uri
                                                        : uri_of(sources_[span.file].name());
}

Json to_diagnostic(const Session& session, const model::Finding& finding, Places& places) {
  Json made = diagnostic(places.range(finding.span), severity_of(finding.severity),
                         with_fix(finding.message, finding.fix));
  made["code"] = finding.rule;
  const std::string uri = reports::help_uri(finding.rule);
  if (session.client.code_description && !uri.empty()) made["codeDescription"] = {{"href", uri}};
  if (!session.client.related_information || finding.related.empty()) return made;
  Json related = Json::array();
  for (const model::RelatedPlace& place : finding.related) {
    related.push_back(
        {{"location", {{"uri", places.uri(place.span)}, {"range", places.range(place.span)}}},
         {"message", place.message}});
  }
  made["relatedInformation"] = std::move(related);
  return made;
}

namespace {

/// The same of mistakes in a backout.toml and in what it extends, at their own addresses.
void add_config(const Session& session, const cli::ConfigError& wrong,
                std::map<std::string, Json>& all) {
  for (const model::Mistake& mistake : wrong.mistakes) {
    const model::SourceFile& source = (*wrong.sources)[mistake.span.file];
    const Json range = session.lines(source.text()).range(mistake.span.begin, mistake.span.end);
    all[uri_of(source.name())].push_back(
        diagnostic(range, 1, with_fix(mistake.message, mistake.hint)));
  }
}

}  // namespace

void Publisher::publish(Session& session, const OpenDocument& document) {
  std::map<std::string, Json> all;
  all[document.uri] = Json::array();
  if (document.wrong_config) add_config(session, *document.wrong_config, all);
  if (document.looked) {
    Places places(session, document, *document.looked->sources);
    const auto list = [&](const model::Span& span) -> Json& {
      return all.emplace(places.uri(span), Json::array()).first->second;
    };
    for (const model::Mistake& mistake : document.looked->mistakes) {
      list(mistake.span)
          .push_back(
              diagnostic(places.range(mistake.span), 1, with_fix(mistake.message, mistake.hint)));
    }
    if (document.looked->report) {
      for (const model::Finding& finding : document.looked->report->findings) {
        list(finding.span).push_back(to_diagnostic(session, finding, places));
      }
    }
  }
  std::set<std::string> addresses;
  for (const auto& [uri, list] : by_document_[document.uri]) addresses.insert(uri);
  for (const auto& [uri, list] : all) addresses.insert(uri);
  by_document_[document.uri] = std::move(all);
  for (const std::string& uri : addresses) send(session, uri);
}

void Publisher::take_back(Session& session, const std::string& uri) {
  const auto found = by_document_.find(uri);
  if (found == by_document_.end()) return;
  const std::map<std::string, Json> before = std::move(found->second);
  by_document_.erase(found);
  for (const auto& [address, list] : before) send(session, address);
}

void Publisher::send(Session& session, const std::string& uri) const {
  Json all = Json::array();
  for (const auto& [document, lists] : by_document_) {
    const auto list = lists.find(uri);
    if (list == lists.end()) continue;
    for (const Json& each : list->second) {
      if (std::ranges::find(all, each) == all.end()) all.push_back(each);
    }
  }
  Json params = {{"uri", uri}, {"diagnostics", std::move(all)}};
  const OpenDocument* document = session.find(uri);
  if (document != nullptr && session.client.versions) params["version"] = document->version;
  session.notify("textDocument/publishDiagnostics", std::move(params));
}

}  // namespace backout::lsp
