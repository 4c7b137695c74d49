// Which tool a name means. Files are read at their first use and kept.
#include <algorithm>
#include <mutex>

#include "catalogue/tool.hpp"

namespace backout::catalogue {

const Tool* find_tool(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string_view, std::unique_ptr<const Tool>> read;
  const std::span<const OtherName> others = other_names();
  const auto other = std::ranges::lower_bound(others, name, {}, &OtherName::name);
  if (other != others.end() && other->name == name) name = other->tool;
  const std::span<const ToolText> texts = tool_texts();
  const auto text = std::ranges::lower_bound(texts, name, {}, &ToolText::name);
  if (text == texts.end() || text->name != name) return nullptr;
  const std::lock_guard lock(mutex);
  std::unique_ptr<const Tool>& tool = read[text->name];
  if (tool == nullptr) {
    std::vector<std::string> mistakes;  // a test reads every file and wants none
    tool = std::make_unique<const Tool>(read_tool(text->name, text->text, mistakes));
  }
  return tool.get();
}

bool is_plain_wrapper(std::string_view name) {
  return std::ranges::binary_search(plain_wrappers(), name);
}

std::vector<std::string> tools() {
  std::vector<std::string> names;
  for (const ToolText& text : tool_texts()) names.emplace_back(text.name);
  return names;
}

}  // namespace backout::catalogue
