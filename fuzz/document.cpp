// Markdown and shell, and what the rules say of them: what begins with "#!" is a script, with
// "on:" or "jobs:" a workflow, the rest a document.
#include <string>

#include "analyzer/documents/rule.hpp"
#include "fuzz/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  const std::string text(reinterpret_cast<const char*>(data), size);
  model::Sources sources;
  const bool is_workflow = text.starts_with("on:") || text.starts_with("jobs:");
  sources.add("document", text);
  const importers::Document document =
      text.starts_with("#!") ? importers::read_script(text, 0, "undo.sh")
      : is_workflow          ? importers::read_workflow(text, 0, ".github/workflows/rollback.yml")
                             : importers::read_document(text, 0, "ROLLBACK.md");
  for (const model::Finding& finding : analyzer::document_findings({document, sources}))
    fuzz::demand(finding.span.begin <= finding.span.end && finding.span.end <= size,
                 "findings lie in the text");
  return 0;
}
