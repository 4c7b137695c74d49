#include "model/source.hpp"

#include <algorithm>

namespace backout::model {

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    line_starts_.push_back(at + 1);
  }
}

std::string_view SourceFile::line(std::size_t number) const {
  if (number == 0 || number > line_starts_.size()) {
    return {};
  }
  const std::size_t begin = line_starts_[number - 1];
  std::size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') {
    --end;
  }
  return std::string_view(text_).substr(begin, end - begin);
}

std::size_t SourceFile::line_of(std::size_t byte) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), byte);
  return static_cast<std::size_t>(after - line_starts_.begin());
}

std::size_t SourceFile::column_of(std::size_t byte) const {
  const std::size_t begin = line_starts_[line_of(byte) - 1];
  const std::string_view before =
      std::string_view(text_).substr(begin, std::min(byte, text_.size()) - begin);
  return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
         }));
}

std::uint32_t Sources::add(std::string name, std::string text) {
  files_.emplace_back(std::move(name), std::move(text));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

Place Sources::place(const Span& span) const {
  if (span.file >= files_.size()) return {};
  const SourceFile& file = files_[span.file];
  return {file.name(), file.line_of(span.begin), file.column_of(span.begin), file.line_of(span.end),
          file.column_of(span.end)};
}

}  // namespace backout::model
