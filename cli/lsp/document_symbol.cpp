// The outline: services, steps and paths of a plan; sections and commands of a document.
#include <algorithm>

#include "cli/lsp/commands.hpp"
#include "cli/lsp/features.hpp"
#include "cli/lsp/plan_text.hpp"

namespace backout::lsp {

namespace {

/// SymbolKind of LSP 3.17.
enum class SymbolKind : int {
  space = 3,
  object = 19,
  method = 6,
  event = 24,
  function = 12,
  text = 15
};

/// One line of the outline; `level` says below which of those before it.
struct Symbol {
  std::string name;
  std::string detail;
  SymbolKind kind = SymbolKind::text;
  model::Span whole;
  model::Span word;
  std::size_t level = 0;
};

const model::Node* value_of(const PlanText& text, std::string_view part, std::string_view key) {
  const model::Node* section = text.root()->find(part);
  return key.empty() || section == nullptr ? section : section->find(key);
}

/// The names of one kind that stand inside of `node`.
void add_names(const PlanText& text, const model::Node* node, Names names, const Symbol& like,
               std::vector<Symbol>& all) {
  if (node == nullptr) return;
  Symbol title = like;
  title.whole = title.word = node->span;
  all.push_back(title);
  for (const PlanItem& item : text.items()) {
    const bool inside = node->span.begin <= item.span.begin && item.span.end <= node->span.end;
    if (item.role != PlanItem::Role::name || item.names != names || !inside) continue;
    const model::Node* verb =
        names == Names::step && item.map != nullptr ? item.map->find("do") : nullptr;
    const SymbolKind kind = names == Names::service ? SymbolKind::object
                            : names == Names::path  ? SymbolKind::event
                                                    : SymbolKind::method;
    std::string detail = names == Names::service && item.kind != nullptr ? item.kind->name : "";
    if (verb != nullptr) detail = verb->text + (item.service.empty() ? "" : " " + item.service);
    all.push_back({item.text, detail, kind, item.whole, item.span,
                   1 + (names == Names::step ? item.depth : 0)});
  }
}

std::vector<Symbol> symbols_of_plan(const OpenDocument& document) {
  std::vector<Symbol> all;
  const PlanText text(document.text);
  if (text.root() == nullptr) return all;
  const auto title = [](const char* name) {
    return Symbol{name, "", SymbolKind::space, {}, {}, 0};
  };
  add_names(text, value_of(text, "services", ""), Names::service, title("services"), all);
  add_names(text, value_of(text, "deploy", "steps"), Names::step, title("deploy"), all);
  add_names(text, value_of(text, "rollback", "paths"), Names::path, title("rollback paths"), all);
  add_names(text, value_of(text, "rollback", "steps"), Names::step, title("rollback steps"), all);
  return all;
}

std::vector<Symbol> symbols_of_document(const OpenDocument& document) {
  const importers::Document read = read_document(document);
  std::vector<Symbol> all;
  for (const importers::Section& section : read.sections) {
    const std::string role =
        section.role == importers::Role::other ? "" : importers::to_string(section.role);
    all.push_back({section.title, role, SymbolKind::space, section.span, section.span, 0});
  }
  for (const importers::Block& block : read.blocks) {
    for (const importers::Command& command : block.script.commands) {
      if (command.words.empty()) continue;
      all.push_back({title_of(command), "", SymbolKind::function, command.span, command.span, 0});
    }
  }
  std::ranges::stable_sort(all, {}, [](const Symbol& symbol) { return symbol.whole.begin; });
  // Levels of headings, and commands below the last of them. A heading reaches to the next one that
  // is no smaller.
  std::size_t level = 0;
  for (Symbol& symbol : all) {
    const auto section = std::ranges::find(read.sections, symbol.whole, &importers::Section::span);
    const bool heading = symbol.kind == SymbolKind::space && section != read.sections.end();
    if (heading) level = static_cast<std::size_t>(std::max(section->level, 1));
    symbol.level = heading ? level - 1 : level;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].kind != SymbolKind::space) continue;
    std::size_t next = i + 1;
    while (next < all.size() && all[next].level > all[i].level) ++next;
    const std::size_t end = next < all.size() ? all[next].whole.begin : document.text.size();
    all[i].whole.end = static_cast<std::uint32_t>(std::max<std::size_t>(all[i].whole.end, end));
  }
  return all;
}

Json to_json(const Symbol& symbol, const Lines& lines) {
  Json made = {{"name", symbol.name.empty() ? std::string("?") : symbol.name},
               {"kind", static_cast<int>(symbol.kind)}};
  made["range"] = lines.range(symbol.whole.begin, symbol.whole.end);
  made["selectionRange"] = lines.range(symbol.word.begin, symbol.word.end);
  if (!symbol.detail.empty()) made["detail"] = symbol.detail;
  return made;
}

/// Those from `at` on that are deeper than `level`, each with what is below it.
Json nested(const std::vector<Symbol>& all, std::size_t& at, std::size_t level,
            const Lines& lines) {
  Json list = Json::array();
  while (at < all.size() && all[at].level >= level) {
    const Symbol& symbol = all[at++];
    Json made = to_json(symbol, lines);
    Json children = nested(all, at, symbol.level + 1, lines);
    if (!children.empty()) made["children"] = std::move(children);
    list.push_back(std::move(made));
  }
  return list;
}

}  // namespace

Answer document_symbol(Session& session, OpenDocument& document, const Json&) {
  if (document.kind == cli::TextKind::neither) return Json::array();
  const std::vector<Symbol> all = document.kind == cli::TextKind::plan
                                      ? symbols_of_plan(document)
                                      : symbols_of_document(document);
  const Lines lines = session.lines(document.text);
  std::size_t at = 0;
  if (session.client.nested_symbols) return nested(all, at, 0, lines);
  Json list = Json::array();
  for (const Symbol& symbol : all) {
    Json made = to_json(symbol, lines);
    made["location"] = {{"uri", document.uri}, {"range", made["range"]}};
    for (const char* key : {"range", "selectionRange", "detail"}) made.erase(key);
    list.push_back(std::move(made));
  }
  return list;
}

}  // namespace backout::lsp
