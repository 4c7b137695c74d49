// Flowcharts drawn with characters: questions, and which of Yes and No leads somewhere.
#include <algorithm>
#include <cctype>

#include "importers/document/facts.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

struct ChartLine {
  std::string text;
  std::size_t begin;
};

std::vector<ChartLine> lines_of(const Block& block) {
  std::vector<ChartLine> lines;
  const std::string& text = block.content.text;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({text.substr(begin, end - begin), begin});
    begin = end + 1;
  }
  return lines;
}

bool is_chart(const Block& block, const Document& document) {
  if (block.left_out || (block.language != Language::prose && block.language != Language::shell &&
                         block.language != Language::empty))
    return false;
  const std::string& text = block.content.text;
  const Role role = document.role(block.section);
  const bool drawn = contains(text, "↓") || contains(text, "→") || contains(text, "├") ||
                     contains(text, "└") || contains(text, "-->");
  return drawn && contains(text, "?") &&
         (role == Role::decision || contains(lower(text), "yes") || contains(lower(text), " no"));
}

/// Where a line branches off: the column of its ├ or └, in bytes; npos for none.
std::size_t branch_of(const std::string& text) { return std::min(text.find("├"), text.find("└")); }

/// What stands at the arrows below the question of line `i`: beside it when they branch off, else
/// on the next line.
std::string labels_below(const std::vector<ChartLine>& lines, std::size_t i) {
  std::string labels;
  std::size_t column = std::string::npos;
  for (std::size_t k = i + 1; k < lines.size() && k < i + 20; ++k) {
    const std::string& text = lines[k].text;
    const std::size_t here = branch_of(text);
    const bool asks = contains(text, "?");
    if (column == std::string::npos) column = here;
    if (here != std::string::npos && here < column) break;
    if (here != std::string::npos && here == column) {
      labels += "\n" + lower(asks ? text.substr(0, text.find("→")) : text);
    } else if (here == std::string::npos &&
               (asks || text.find_first_not_of(" \t") == std::string::npos)) {
      // A question within a branch: the line of the tree goes on beside it.
      const bool within = trimmed(text).starts_with("│") && column != std::string::npos;
      if (!within) break;
    } else if (k == i + 1 && !asks) {
      labels += "\n" + lower(text);
    }
  }
  return labels;
}

/// Whether an arrow below the question of line `i`, beside those that say Yes or No, says neither.
bool has_rest(const std::vector<ChartLine>& lines, std::size_t i) {
  std::size_t column = std::string::npos;
  bool said = false;
  bool rest = false;
  for (std::size_t k = i + 1; k < lines.size(); ++k) {
    const std::string& text = lines[k].text;
    const std::size_t here = branch_of(text);
    if (text.find_first_not_of(" \t") == std::string::npos) break;
    if (here == std::string::npos) continue;
    if (column == std::string::npos) column = here;
    if (here < column) break;
    if (here > column) continue;
    const std::string low = lower(text);
    const bool answers = contains_word(low, "yes") || contains_word(low, "no");
    said |= answers;
    rest |= !answers && !contains(text, "?");
  }
  return said && rest;
}

/// The identifier in front of `{`: "C" of `B --> C{Is data lost?}`.
std::string node_before(const std::string& text, std::size_t brace) {
  std::size_t begin = brace;
  while (begin > 0 &&
         (std::isalnum(static_cast<unsigned char>(text[begin - 1])) != 0 || text[begin - 1] == '_'))
    --begin;
  return text.substr(begin, brace - begin);
}

/// What stands at the edges that leave a node of a Mermaid flowchart, and how many there are.
std::string edges_from(const std::vector<ChartLine>& lines, const std::string& node,
                       std::size_t& count) {
  std::string labels;
  for (const ChartLine& line : lines) {
    const std::string text = trimmed(line.text);
    const bool leaves = text.starts_with(node) && text.size() > node.size() &&
                        std::isalnum(static_cast<unsigned char>(text[node.size()])) == 0;
    const std::size_t edge = text.find("--", node.size());
    if (!leaves || edge == std::string::npos) continue;
    ++count;
    labels += "\n" + lower(text.substr(edge));
  }
  return labels;
}

/// Questions of a Mermaid flowchart: nodes in braces, with what stands at the edges that leave
/// them.
void read_mermaid(Document& document, std::uint32_t index) {
  const Block& block = document.blocks[index];
  const std::vector<ChartLine> lines = lines_of(block);
  for (const ChartLine& line : lines) {
    const std::size_t brace = line.text.find('{');
    const std::size_t mark = brace == std::string::npos ? brace : line.text.find('?', brace);
    if (mark == std::string::npos) continue;
    const std::string node = node_before(line.text, brace);
    std::size_t edges = 0;
    const std::string labels = node.empty() ? std::string() : edges_from(lines, node, edges);
    Branch branch;
    branch.question = trimmed(line.text.substr(brace + 1, mark - brace));
    while (!branch.question.empty() &&
           (branch.question.front() == '"' || branch.question.front() == '{'))
      branch.question.erase(0, 1);
    branch.chart = index;
    branch.section = block.section;
    branch.span = block.content.span(line.begin, line.begin + line.text.size());
    branch.has_yes = contains_word(labels, "yes");
    branch.has_no = contains_word(labels, "no");
    // Two edges with other words are two answers.
    if (edges != 1) branch.has_yes = branch.has_no = true;
    document.branches.push_back(std::move(branch));
  }
}

}  // namespace

void read_charts(Document& document) {
  for (std::uint32_t b = 0; b < document.blocks.size(); ++b) {
    const Block& block = document.blocks[b];
    if (block.fence == "mermaid" && !block.left_out) read_mermaid(document, b);
    if (!is_chart(block, document) || block.fence == "mermaid") continue;
    const std::vector<ChartLine> lines = lines_of(block);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t mark = lines[i].text.find('?');
      if (mark == std::string::npos) continue;
      Branch branch;
      const std::size_t arrow = lines[i].text.rfind("→", mark);
      const std::size_t from = arrow == std::string::npos
                                   ? lines[i].text.find_first_not_of(" │├└─▼|\t")
                                   : arrow + std::string_view("→").size();
      branch.question =
          trimmed(lines[i].text.substr(std::min(from, mark), mark + 1 - std::min(from, mark)));
      branch.chart = b;
      branch.section = block.section;
      branch.span = block.content.span(lines[i].begin, lines[i].begin + lines[i].text.size());
      // Yes and No stand behind the question, or on the next line below it.
      std::string around = lower(lines[i].text.substr(mark + 1));
      around += labels_below(lines, i);
      branch.has_yes = contains_word(around, "yes");
      branch.has_no = contains_word(around, "no");
      // "Yes, critical", "Yes, some users", "Low impact": the last is the rest.
      if (branch.has_yes != branch.has_no && has_rest(lines, i))
        branch.has_yes = branch.has_no = true;
      document.branches.push_back(std::move(branch));
    }
  }
}

}  // namespace backout::importers
