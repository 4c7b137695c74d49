#pragma once
// Reads YAML 1.2 and JSON into nodes with their places. libfyaml reads; what it does not care about
// is refused here.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/node.hpp"
#include "model/source.hpp"

namespace backout::model {

/// Nodes that aliases may add to a document before it is refused as an alias bomb.
inline constexpr std::size_t kAliasBudget = 100'000;
/// Deepest nesting of lists and maps.
inline constexpr std::size_t kDepthLimit = 64;
/// Largest input in bytes.
inline constexpr std::size_t kInputLimit = 256 * 1024 * 1024;

/// What a file holds.
struct Document {
  std::optional<Node>
      root;  ///< nothing when it cannot be read on: bad text, a syntax error, a limit
  std::vector<Mistake> mistakes;  ///< in the order of the file
};

/// Reads one document. Mistakes: not UTF-8, NUL bytes, more than one document, no document, tags,
/// keys that are not plain words or strings, duplicate keys (the first one stays), aliases past
/// kAliasBudget, nesting past kDepthLimit, syntax errors.
Document parse_yaml(const Sources& sources, std::uint32_t file);

/// A file of documents that another tool owns: manifests, workflows, compose files.
struct DocumentStream {
  std::vector<Node> documents;     ///< as far as it can be read
  std::optional<Mistake> mistake;  ///< why what comes then is not read
};

/// Tags are passed over, a syntax error or a limit ends the stream. Files that are no UTF-8 text
/// hold nothing.
DocumentStream parse_yaml_stream(const Sources& sources, std::uint32_t file);

/// The place in the file of bytes [begin, end) of `node.text`: exact in plain and quoted scalars of
/// one line without escapes and in literal blocks; elsewhere the whole scalar.
Span place_in(const Node& node, const Sources& sources, std::size_t begin, std::size_t end);

}  // namespace backout::model
