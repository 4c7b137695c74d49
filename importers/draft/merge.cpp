#include "importers/draft/merge.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/source.hpp"
#include "model/yaml.hpp"

namespace backout::importers {

namespace {

using model::Node;

/// A change of the old text: `text` in place of the bytes from `begin` to `end`.
struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

/// What tells an entry of a list from the others: a step's id, a rule's words.
std::string identity(const Node& item) {
  for (const char* key : {"id", "note", "text"}) {
    if (const Node* value = item.find(key); value != nullptr && value->is_scalar())
      return fmt::format("{} {}", key, value->text);
  }
  return {};
}

bool same(const Node& a, const Node& b) {
  if (a.is_scalar() != b.is_scalar()) return false;
  if (a.is_scalar()) return a.text == b.text;
  if (a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  return std::ranges::all_of(a.entries, [&](const Node::Entry& entry) {
    const Node* other = b.find(entry.key);
    return other != nullptr && same(entry.value, *other);
  });
}

class Merger {
 public:
  Merger(const std::string& theirs, const std::string& drafted, const std::string& shown)
      : theirs_(theirs), drafted_(drafted), shown_(shown) {}

  Merged merge() {
    model::Sources sources;
    sources.add("theirs", theirs_);
    sources.add("drafted", drafted_);
    const model::Document old = model::parse_yaml(sources, 0);
    const model::Document now = model::parse_yaml(sources, 1);
    if (!old.root || !now.root) return {theirs_, {}};
    find_gone(*old.root, *now.root);
    merge_map(*old.root, *now.root, "");
    std::ranges::stable_sort(edits_, std::greater<>{}, &Edit::begin);
    std::string text = theirs_;
    for (const Edit& edit : edits_) text.replace(edit.begin, edit.end - edit.begin, edit.text);
    return {std::move(text), std::move(changes_)};
  }

 private:
  static const Node* steps_of(const Node& root, const char* part) {
    const Node* section = root.find(part);
    return section == nullptr ? nullptr : section->find("steps");
  }

  static void add_ids(const Node* steps, std::set<std::string>& ids) {
    if (steps == nullptr) return;
    for (const Node& step : steps->items) {
      if (const Node* id = step.find("id")) ids.insert(id->text);
      add_ids(step.find("steps"), ids);
    }
  }

  /// Steps that the document had and has no more.
  void find_gone(const Node& old, const Node& now) {
    std::set<std::string> has;
    for (const char* part : {"deploy", "rollback"}) add_ids(steps_of(now, part), has);
    for (const char* part : {"deploy", "rollback"}) {
      if (const Node* steps = steps_of(old, part)) {
        for (const Node& step : steps->items) note_gone(step, has);
      }
    }
  }

  void note_gone(const Node& step, const std::set<std::string>& has) {
    const Node* id = step.find("id");
    const Node* source = step.find("source");
    const bool ours = source != nullptr && source->text.starts_with(shown_ + ":");
    if (id != nullptr && ours && !has.contains(id->text)) gone_.insert(id->text);
    if (const Node* members = step.find("steps")) {
      for (const Node& member : members->items) note_gone(member, has);
    }
  }

  void merge_node(const Node& old, const Node& now, const std::string& where) {
    if (old.type == Node::Type::map && now.type == Node::Type::map)
      return merge_map(old, now, where);
    if (old.type == Node::Type::list && now.type == Node::Type::list)
      return merge_list(old, now, where);
    // What the document leaves open, people may have said.
    if (now.is_unknown() || same(old, now)) return;
    if (now.type == Node::Type::list && now.items.empty()) return;
    replace(old, now, where);
  }

  void replace(const Node& old, const Node& now, const std::string& where) {
    edits_.push_back({old.span.begin, old.span.end, slice(now)});
    if (!where.ends_with(".source"))
      changes_.push_back(
          fmt::format("{}: {} -> {}", where, shown_of(theirs_, old), shown_of(drafted_, now)));
  }

  void merge_map(const Node& old, const Node& now, const std::string& where) {
    const bool flow = old.span.begin < theirs_.size() && theirs_[old.span.begin] == '{';
    for (std::size_t i = 0; i < now.entries.size(); ++i) {
      const Node::Entry& entry = now.entries[i];
      const std::string path = where.empty() ? entry.key : where + "." + entry.key;
      if (const Node* own = old.find(entry.key)) {
        merge_node(*own, entry.value, path);
        continue;
      }
      if (entry.value.is_unknown()) continue;
      changes_.push_back(path + ": added");
      if (flow) {
        const bool empty = old.entries.empty();
        edits_.push_back(
            {old.span.end - 1, old.span.end - 1,
             fmt::format("{}{}: {}", empty ? "" : ", ", entry.key, slice(entry.value))});
      } else {
        const std::size_t at = behind(old, now, i);
        edits_.push_back({at, at, lines(drafted_, entry.key_span.begin, entry.value.span.end)});
      }
    }
  }

  /// Where the entry `i` of `now` goes in a block map: behind the nearest entry before it that
  /// `old` has.
  std::size_t behind(const Node& old, const Node& now, std::size_t i) const {
    while (i-- > 0) {
      if (const Node* before = old.find(now.entries[i].key))
        return line_end(theirs_, before->span.end);
    }
    return old.entries.empty() ? line_end(theirs_, old.span.end)
                               : line_begin(theirs_, old.entries.front().key_span.begin);
  }

  void merge_list(const Node& old, const Node& now, const std::string& where) {
    const bool named =
        std::ranges::all_of(now.items, [](const Node& item) { return !identity(item).empty(); }) &&
        std::ranges::all_of(old.items, [](const Node& item) { return !identity(item).empty(); });
    const bool flow = old.span.begin < theirs_.size() && theirs_[old.span.begin] == '[';
    if (!named || flow || old.items.empty()) return merge_values(old, now, where);
    for (const Node& item : old.items) take_out(item, now, where);
    std::size_t at = line_begin(theirs_, old.items.front().span.begin);
    for (const Node& item : now.items) {
      const auto own = std::ranges::find(old.items, identity(item), identity);
      if (own != old.items.end()) {
        merge_node(*own, item, where + "." + identity(item));
        at = line_end(theirs_, own->span.end);
        continue;
      }
      edits_.push_back({at, at, lines(drafted_, item.span.begin, item.span.end)});
      changes_.push_back(fmt::format("{}: '{}' added", where, identity(item)));
    }
  }

  /// An entry of the document that it has no more.
  void take_out(const Node& item, const Node& now, const std::string& where) {
    const Node* source = item.find("source");
    const bool ours = source != nullptr && source->text.starts_with(shown_ + ":");
    if (!ours || std::ranges::find(now.items, identity(item), identity) != now.items.end()) return;
    edits_.push_back({line_begin(theirs_, item.span.begin), line_end(theirs_, item.span.end), ""});
    changes_.push_back(fmt::format("{}: '{}' taken out", where, identity(item)));
  }

  /// Lists of values: those of the draft, with what people put in between behind what it stood
  /// behind.
  void merge_values(const Node& old, const Node& now, const std::string& where) {
    if (same(old, now)) return;
    std::vector<std::string> values;
    for (const Node& item : now.items) values.push_back(slice(item));
    std::size_t at = 0;
    for (const Node& item : old.items) {
      const std::string text = theirs_.substr(item.span.begin, item.span.end - item.span.begin);
      const auto own = std::ranges::find(now.items, item.text, &Node::text);
      if (item.is_scalar() && own != now.items.end()) {
        at = static_cast<std::size_t>(std::ranges::find(values, slice(*own)) - values.begin()) + 1;
      } else if (item.is_scalar() && !gone_.contains(item.text)) {
        values.insert(values.begin() + static_cast<std::ptrdiff_t>(std::min(at, values.size())),
                      text);
        ++at;
      }
    }
    const std::string text = fmt::format("[{}]", fmt::join(values, ", "));
    if (text == theirs_.substr(old.span.begin, old.span.end - old.span.begin)) return;
    edits_.push_back({old.span.begin, old.span.end, text});
    changes_.push_back(where + ": changed");
  }

  std::string slice(const Node& node) const {
    return drafted_.substr(node.span.begin, node.span.end - node.span.begin);
  }

  static std::string shown_of(const std::string& text, const Node& node) {
    std::string shown =
        text.substr(node.span.begin, std::min<std::size_t>(node.span.end - node.span.begin, 60));
    std::ranges::replace(shown, '\n', ' ');
    return shown;
  }

  static std::size_t line_begin(const std::string& text, std::size_t at) {
    const std::size_t found = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    return found == std::string::npos ? 0 : found + 1;
  }

  /// Behind the line that holds the byte before `at`.
  static std::size_t line_end(const std::string& text, std::size_t at) {
    const std::size_t found = text.find('\n', at == 0 ? 0 : at - 1);
    return found == std::string::npos ? text.size() : found + 1;
  }

  static std::string lines(const std::string& text, std::size_t begin, std::size_t end) {
    const std::size_t first = line_begin(text, begin);
    return text.substr(first, line_end(text, end) - first);
  }

  const std::string& theirs_;
  const std::string& drafted_;
  const std::string& shown_;
  std::set<std::string> gone_;  ///< ids of steps that the document has no more
  std::vector<Edit> edits_;
  std::vector<std::string> changes_;
};

}  // namespace

Merged merge_plans(const std::string& theirs, const std::string& drafted,
                   const std::string& shown) {
  return Merger(theirs, drafted, shown).merge();
}

namespace {

void add_documents(const Node& node, std::set<std::string>& documents) {
  for (const Node& item : node.items) add_documents(item, documents);
  for (const Node::Entry& entry : node.entries) {
    if (entry.key == "source" && entry.value.is_scalar())
      documents.insert(entry.value.text.substr(0, entry.value.text.rfind(':')));
    else
      add_documents(entry.value, documents);
  }
}

}  // namespace

std::set<std::string> documents_of_plan(const std::string& text) {
  model::Sources sources;
  sources.add("plan", text);
  const model::Document plan = model::parse_yaml(sources, 0);
  std::set<std::string> documents;
  if (plan.root) add_documents(*plan.root, documents);
  return documents;
}

}  // namespace backout::importers
