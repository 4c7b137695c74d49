// YAML and JSON: one document and streams; every place lies in the text, every mistake can be
// shown.
#include <string>

#include "fuzz/check.hpp"
#include "model/render.hpp"
#include "model/yaml.hpp"

namespace {

using namespace backout;

void look(const model::Node& node, const model::Sources& sources, std::size_t size) {
  fuzz::demand(node.span.begin <= node.span.end && node.span.end <= size,
               "a node lies in its text");
  model::place_in(node, sources, 0, node.text.size());
  for (const model::Node& item : node.items) look(item, sources, size);
  for (const model::Node::Entry& entry : node.entries) {
    fuzz::demand(entry.key_span.end <= size, "a key lies in its text");
    look(entry.value, sources, size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  model::Sources sources;
  const std::uint32_t file = sources.add("plan.yaml", std::string(fuzz::text_of(data, size)));
  const model::Document document = model::parse_yaml(sources, file);
  fuzz::demand(document.root || !document.mistakes.empty(), "a document is refused with a reason");
  if (document.root) look(*document.root, sources, size);
  for (const model::Mistake& mistake : document.mistakes)
    fuzz::demand(!model::render(mistake, sources).empty(), "a mistake can be shown");
  const model::DocumentStream stream = model::parse_yaml_stream(sources, file);
  for (const model::Node& node : stream.documents) look(node, sources, size);
  return 0;
}
