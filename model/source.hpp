#pragma once
// Where things stand in the files of a plan. Spans are bytes until a report prints them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backout::model {

/// A half-open range of bytes in one source file. `file` indexes Sources.
struct Span {
  std::uint32_t file = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
  friend auto operator<=>(const Span&, const Span&) = default;
};

/// A place as people read it: 1-based line and column (columns count Unicode code points).
struct Place {
  std::string file;
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t end_line = 1;
  std::size_t end_column = 1;  ///< one past the last character
};

/// One source text with its line starts.
class SourceFile {
 public:
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  std::size_t line_count() const { return line_starts_.size(); }
  /// The text of the 1-based line, without its line break. Empty beyond the end.
  std::string_view line(std::size_t number) const;
  /// 1-based line that holds the byte.
  std::size_t line_of(std::size_t byte) const;
  /// 1-based column of the byte in its line, in code points.
  std::size_t column_of(std::size_t byte) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

/// All files that a plan was read from; index 0 is the plan itself.
class Sources {
 public:
  std::uint32_t add(std::string name, std::string text);
  const SourceFile& operator[](std::uint32_t file) const { return files_[file]; }
  std::size_t size() const { return files_.size(); }
  Place place(const Span& span) const;

 private:
  std::vector<SourceFile> files_;
};

/// One thing wrong with an input: where, what, and a way out.
struct Mistake {
  Span span;
  std::string message;
  std::string hint;  ///< empty when there is none

  friend bool operator==(const Mistake&, const Mistake&) = default;
};

}  // namespace backout::model
