#pragma once
// The base protocol: messages with a Content-Length in front. docs/editors.md, "The protocol".

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace backout::lsp {

/// Largest message that is read; a larger one is passed over.
inline constexpr std::size_t kLargestMessage = 256 << 20;

/// What stood next in the stream.
struct Frame {
  enum class Kind {
    message,  ///< `text` is its content
    broken,   ///< no message; `text` says why. The stream goes on behind it
    end,      ///< the stream ended
  };
  Kind kind = Kind::end;
  std::string text;
};

/// Reads the next message. A header without a length is broken: reading goes on at the next header
/// that has one. No more memory is taken than bytes came, whatever the header claims.
Frame read_frame(std::istream& in);

/// Writes one and flushes. The text is JSON.
void write_frame(std::ostream& out, std::string_view text);

}  // namespace backout::lsp
