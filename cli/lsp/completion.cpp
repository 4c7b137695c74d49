// What may stand at the cursor: keys, kinds, verbs and their arguments, names of the plan; rules
// behind `ignore`. All of it from the tables that the loader checks with.
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/rule.hpp"
#include "cli/kind_text.hpp"
#include "cli/load_plan.hpp"
#include "cli/lsp/features.hpp"
#include "cli/lsp/plan_text.hpp"
#include "reports/rules.hpp"
#include "simulator/faults.hpp"

namespace backout::lsp {

namespace {

/// Stands at the cursor while the text is read. No plan has it.
constexpr std::string_view kCursor = "zzcursorzz";

/// CompletionItemKind of LSP 3.17.
enum class ItemKind : int {
  method = 2,
  field = 5,
  variable = 6,
  module = 9,
  property = 10,
  value = 12,
  constant = 21
};

class Items {
 public:
  /// What is completed stands at `range`; keys have their colon there already when `colon`.
  explicit Items(Json range, bool colon = false) : range_(std::move(range)), colon_(colon) {}

  void add_key(const std::string& name, ItemKind kind, std::string detail) {
    add(name, kind, std::move(detail), colon_ ? name : name + ": ");
  }
  void add(std::string label, ItemKind kind, std::string detail, std::string insert = {}) {
    if (!known_.insert(label).second) return;
    Json item = {{"label", label},
                 {"kind", static_cast<int>(kind)},
                 {"sortText", fmt::format("{:04}", list_.size())}};
    if (!detail.empty()) item["detail"] = std::move(detail);
    item["textEdit"] = {{"range", range_}, {"newText", insert.empty() ? label : std::move(insert)}};
    list_.push_back(std::move(item));
  }
  Json take() { return std::move(list_); }

 private:
  Json range_;
  bool colon_;
  std::set<std::string> known_;
  Json list_ = Json::array();
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// The brackets of a line that are open at its end, as their closing ones, innermost first.
std::string closing(std::string_view line) {
  std::string open;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && (i == 0 || !is_word(line[i - 1]))) {
      quote = c;
    } else if (c == '{' || c == '[') {
      open.insert(open.begin(), c == '{' ? '}' : ']');
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.erase(0, 1);
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ')) {
      break;
    }
  }
  return open;
}

/// A text with the cursor's word in it, and how to try to make sense of it where somebody has not
/// written it to its end.
std::vector<std::string> readings(const std::string& text, std::size_t word, std::size_t behind) {
  const std::size_t start = word == 0 ? 0 : text.rfind('\n', word - 1) + 1;  // npos + 1 is 0
  const std::size_t end = std::min(text.find('\n', behind), text.size());
  const std::string before = text.substr(0, word);
  const std::string rest = text.substr(behind);
  const std::string lines_below = text.substr(end);
  const std::string close = closing(std::string_view(text).substr(start, word - start));
  const std::string value(kCursor);
  const std::string key = value + ": 0";
  // A key where the line has nothing yet, a value behind a colon; each with the rest, without the
  // line's, and without any.
  std::vector<std::string> all;
  for (const std::string& below : {rest, close + lines_below, close + "\n"}) {
    for (const std::string& made : {key, value}) all.push_back(before + made + below);
  }
  return all;
}

/// The text that can be read, and what the cursor's word is in it.
struct Reading {
  std::unique_ptr<PlanText> text;
  const PlanItem* item = nullptr;
};

Reading read_at(const std::string& text, std::size_t word, std::size_t end) {
  for (std::string& each : readings(text, word, end)) {
    Reading reading{std::make_unique<PlanText>(std::move(each)), nullptr};
    if (!reading.text->readable()) continue;
    for (const PlanItem& item : reading.text->items()) {
      if (item.text == kCursor) reading.item = &item;
    }
    if (reading.item != nullptr) return reading;
  }
  return {};
}

void add_keys(const PlanItem& item, Items& items) {
  const auto written = [&](std::string_view key) {
    return item.map != nullptr && item.map->find(key) != nullptr;
  };
  const auto add_fields = [&](const std::vector<model::FieldSpec>& fields) {
    for (const model::FieldSpec& field : fields) {
      if (!written(field.name)) items.add_key(field.name, ItemKind::field, field.help);
    }
  };
  if (item.section == model::SectionId::step && item.verb != nullptr) add_fields(item.verb->args);
  if (item.section == model::SectionId::service && item.kind != nullptr)
    add_fields(item.kind->fields);
  if (item.section == model::SectionId::version && item.kind != nullptr)
    add_fields(item.kind->version_fields);
  for (const model::KeySpec& key : model::keys_of(item.section)) {
    const std::string name(key.name);
    if (!written(name)) items.add_key(name, ItemKind::property, std::string(key.help));
  }
}

void add_names(const PlanText& text, Names names, ItemKind kind, const std::string& service,
               Items& items) {
  for (const PlanItem& item : text.items()) {
    const bool is =
        item.role == PlanItem::Role::name && item.names == names && item.text != kCursor;
    if (is && (names != Names::version || service.empty() || item.service == service)) {
      items.add(item.text, kind,
                item.names == Names::service && item.kind != nullptr ? item.kind->name : "");
    }
  }
}

/// Those of the target's kind; of a step that names no target yet, those of people and of every
/// service.
void add_verbs(const PlanItem& item, const PlanText& text, Items& items) {
  const auto add = [&](const model::KindSpec* kind) {
    if (kind == nullptr) return;
    for (const model::VerbSpec& verb : kind->verbs)
      items.add(verb.name, ItemKind::method, verb.help);
  };
  add(item.kind);
  if (!item.service.empty()) return;
  for (const PlanItem& each : text.items()) {
    if (each.role == PlanItem::Role::name && each.names == Names::service) add(each.kind);
  }
}

void add_rules(Items& items) {
  for (const reports::RuleEntry& rule : reports::rule_catalogue())
    items.add(rule.id, ItemKind::constant, rule.summary);
}

void add_names_of(const PlanItem& item, const PlanText& text, Items& items) {
  switch (item.names) {
    case Names::nothing:
      return;
    case Names::service:
      return add_names(text, Names::service, ItemKind::module, "", items);
    case Names::step:
      return add_names(text, Names::step, ItemKind::method, "", items);
    case Names::path:
      return add_names(text, Names::path, ItemKind::variable, "", items);
    case Names::version:
      return add_names(text, Names::version, ItemKind::value, item.service, items);
    case Names::rule:
      return add_rules(items);
    case Names::kind:
      for (const model::KindSpec& kind : cli::known_kinds().kinds)
        items.add(kind.name, ItemKind::module, kind.help);
      return;
    case Names::verb:
      return add_verbs(item, text, items);
    case Names::fault:
      for (const simulator::FaultInfo& fault : simulator::fault_catalogue())
        items.add(fault.name, ItemKind::constant, fault.help);
      return;
  }
}

void add_values(const PlanItem& item, const PlanText& text, Items& items) {
  add_names_of(item, text, items);
  if (item.key != nullptr && item.field == nullptr) {
    for (const std::string_view choice : item.key->choices)
      items.add(std::string(choice), ItemKind::value, "");
    if (item.key->form == model::Form::undo) {
      for (const char* word : {"none", "auto"}) items.add(word, ItemKind::value, "");
    }
    if (item.key->form == model::Form::on_failure) {
      for (const char* word : {"abort", "continue", "rollback"})
        items.add(word, ItemKind::value, "");
      for (const PlanItem& each : text.items()) {
        const bool name = each.role == PlanItem::Role::name && each.text != kCursor;
        if (name && each.names == Names::path)
          items.add("rollback:" + each.text, ItemKind::variable, "");
        if (name && each.names == Names::step) items.add("goto:" + each.text, ItemKind::method, "");
      }
    }
  }
  if (item.field != nullptr) {
    for (const std::string& choice : item.field->choices) items.add(choice, ItemKind::value, "");
  }
  const bool boolean = item.field != nullptr
                           ? item.field->type == model::ValueType::boolean
                           : item.key != nullptr && item.key->form == model::Form::boolean;
  if (boolean) {
    items.add("true", ItemKind::value, "");
    items.add("false", ItemKind::value, "");
  }
}

Json complete_plan(const OpenDocument& document, std::size_t word, std::size_t end, Json range) {
  const Reading reading = read_at(document.text, word, end);
  if (reading.item == nullptr) return Json::array();
  const std::size_t next = document.text.find_first_not_of(" \t", end);
  Items items(std::move(range), next != std::string::npos && document.text[next] == ':');
  if (reading.item->role == PlanItem::Role::key)
    add_keys(*reading.item, items);
  else if (reading.item->role == PlanItem::Role::value)
    add_values(*reading.item, *reading.text, items);
  return items.take();
}

/// Behind `backout: ignore ` in a comment: the rules of documents.
Json complete_document(const OpenDocument& document, std::size_t word, Json range) {
  constexpr std::string_view kMark = "backout: ignore ";
  Items items(std::move(range));
  if (!std::string_view(document.text).substr(0, word).ends_with(kMark)) return items.take();
  for (const analyzer::DocumentRule& rule : analyzer::document_rules())
    items.add(rule.id, ItemKind::constant, rule.summary, fmt::format("{} -- ", rule.id));
  return items.take();
}

/// A plan, or a file that may become one: it has the name of a plan and nothing in it yet.
bool is_plan(const OpenDocument& document) {
  const bool fresh = document.text.size() < 64 &&
                     (document.file.ends_with("plan.yaml") || document.file.ends_with("plan.yml"));
  return document.kind == cli::TextKind::plan || fresh;
}

}  // namespace

Answer completion(Session& session, OpenDocument& document, const Json& params) {
  const auto cursor = offset_in(session, document, params);
  if (!cursor) return tl::unexpected(cursor.error());
  // The whole word, also behind the cursor, gives place.
  std::size_t word = *cursor;
  while (word > 0 && is_word(document.text[word - 1])) --word;
  std::size_t end = *cursor;
  while (end < document.text.size() && is_word(document.text[end])) ++end;
  Json items = Json::array();
  Json range = session.lines(document.text).range(word, end);
  if (is_plan(document))
    items = complete_plan(document, word, end, std::move(range));
  else if (document.kind == cli::TextKind::document)
    items = complete_document(document, word, std::move(range));
  return Json{{"isIncomplete", false}, {"items", std::move(items)}};
}

}  // namespace backout::lsp
