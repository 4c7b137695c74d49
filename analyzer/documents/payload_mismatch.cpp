// A webhook goes back to a payload that the code which serves does not read.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

bool both(const Document& document) {
  return document_says(document, {"accepts both", "accept both", "backward compat", "backwards compat", "both formats", "both payload"});
}

}  // namespace

std::vector<model::Finding> check_payload_mismatch(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  if (both(document)) return found;
  const importers::Section* webhook = nullptr;
  const importers::Section* code = nullptr;
  for (const importers::Section& section : document.sections) {
    const std::string title = lower(section.title);
    if (section.role != Role::rollback || section.level < 3) continue;
    const bool alone = has(title, "webhook") && has_any(title, {"keep code", "keep new code", "only webhook", "webhook only"});
    if (alone) {
      found.push_back(finding(model::Severity::error, section.span,
                              fmt::format("'{}' leaves code that reads the new payload behind a webhook that sends the old one: every event is refused", section.title),
                              "roll back both, or keep code that accepts both"));
      continue;
    }
    if (webhook == nullptr && has(title, "webhook") && has_any(title, {"config", "payload"})) webhook = &section;
    if (code == nullptr && has(title, "code") && !has(title, "verify") && section.kind != importers::Section::Kind::method) code = &section;
  }
  if (webhook == nullptr || code == nullptr) return found;
  const bool first = webhook->span.begin < code->span.begin;
  model::Finding made = finding(model::Severity::error, webhook->span,
                                fmt::format("the webhook goes back {} the code: in between, events come in a payload that the running code does not read",
                                            first ? "before" : "after"),
                                "a version that accepts both payloads first, or queue the events meanwhile");
  made.related.push_back({code->span, "the code goes back here"});
  found.push_back(std::move(made));
  return found;
}

}  // namespace backout::analyzer::documents
