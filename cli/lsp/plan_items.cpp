#include "cli/lsp/plan_items.hpp"

#include <algorithm>
#include <string_view>

#include "model/yaml.hpp"
#include "services/service.hpp"

namespace backout::lsp {

namespace {

using model::Form;
using model::Node;
using model::SectionId;
using Role = PlanItem::Role;

const model::FieldSpec* find_field(const std::vector<model::FieldSpec>& fields,
                                   std::string_view name) {
  const auto found = std::ranges::find(fields, name, &model::FieldSpec::name);
  return found == fields.end() ? nullptr : &*found;
}

Names names_of(const model::KeySpec& key, SectionId section) {
  switch (key.form) {
    case Form::service:
    case Form::services:
      return Names::service;
    case Form::step:
    case Form::step_list:
    case Form::undo:
      return Names::step;
    case Form::path:
      return Names::path;
    case Form::kind:
      return Names::kind;
    case Form::verb:
      return Names::verb;
    default:
      break;
  }
  if (section == SectionId::suppression && key.name == "rule") return Names::rule;
  if (section == SectionId::limits && key.name == "fault_kinds") return Names::fault;
  if (section == SectionId::service && key.name == "start") return Names::version;
  return Names::nothing;
}

Names names_of(const model::FieldSpec& field) {
  switch (field.type) {
    case model::ValueType::service:
    case model::ValueType::services:
      return Names::service;
    case model::ValueType::step:
      return Names::step;
    case model::ValueType::version:
      return Names::version;
    default:
      return Names::nothing;
  }
}

/// Goes through a plan along the tables of the language.
class Walk {
 public:
  Walk(const Node& root, const model::Sources& sources, const model::Catalog& catalog)
      : sources_(sources), catalog_(catalog), services_(root.find("services")) {
    section(root, SectionId::plan);
  }

  std::vector<PlanItem> take() {
    std::ranges::stable_sort(items_, {}, [](const PlanItem& item) { return item.span; });
    return std::move(items_);
  }

 private:
  /// What stands around; restored when its scope ends.
  struct Scope {
    Scope(Walk& walk) : walk_(walk), before_(walk.here_) {}
    ~Scope() { walk_.here_ = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    Walk& walk_;
    PlanItem before_;
  };

  PlanItem& add(Role role, const model::Span& span, std::string text) {
    PlanItem item = here_;
    item.role = role;
    item.span = span;
    item.text = std::move(text);
    items_.push_back(std::move(item));
    return items_.back();
  }

  /// A map whose keys are fixed: those of the section, and those of a kind or a verb.
  void section(const Node& map, SectionId id) {
    const Scope scope(*this);
    here_.section = id;
    here_.map = &map;
    if (id == SectionId::service) here_.kind = kind_of(map);
    if (id == SectionId::step) enter_step(map);
    for (const Node::Entry& entry : map.entries) {
      here_.key = model::find_key(id, entry.key);
      here_.field = field(id, entry.key);
      add(Role::key, entry.key_span, entry.key);
      const bool gives_id = entry.key == "id" && (id == SectionId::step || id == SectionId::group);
      if (gives_id && entry.value.is_scalar())
        name(entry.value.span, entry.value.text, Names::step, map.span);
      else
        value(entry.value, id);
      here_.key = nullptr;
      here_.field = nullptr;
    }
  }

  const model::KindSpec* kind_of(const Node& service) const {
    const Node* kind = service.find("kind");
    return kind == nullptr ? nullptr : catalog_.find(kind->text);
  }

  /// A step's verb is one of its target's kind; without a target it is what a person does.
  void enter_step(const Node& step) {
    const Node* target = step.find("target");
    const Node* verb = step.find("do");
    here_.service = target == nullptr ? std::string() : target->text;
    const Node* service =
        services_ == nullptr || target == nullptr ? nullptr : services_->find(target->text);
    if (target == nullptr)
      here_.kind = catalog_.find("manual");
    else
      here_.kind = service == nullptr ? nullptr : kind_of(*service);
    here_.verb = here_.kind == nullptr || verb == nullptr
                     ? nullptr
                     : model::find_verb(*here_.kind, verb->text);
  }

  const model::FieldSpec* field(SectionId id, const std::string& key) const {
    if (here_.kind != nullptr && id == SectionId::service)
      return find_field(here_.kind->fields, key);
    if (here_.kind != nullptr && id == SectionId::version)
      return find_field(here_.kind->version_fields, key);
    if (here_.verb != nullptr && id == SectionId::step) return find_field(here_.verb->args, key);
    return nullptr;
  }

  void name(const model::Span& span, const std::string& text, Names names,
            const model::Span& whole) {
    PlanItem& item = add(Role::name, span, text);
    item.names = names;
    item.whole = whole;
    item.depth = groups_;
  }

  /// What stands behind a key of the tables.
  void value(const Node& node, SectionId id) {
    if (here_.key == nullptr || here_.key->form == Form::lists ||
        here_.key->form == Form::operations)
      return scalars(node, names_of_field());
    const model::KeySpec& key = *here_.key;
    switch (key.form) {
      case Form::maps:
      case Form::maps_or_durations:
      case Form::maps_or_lists:
      case Form::maps_or_texts:
        return named(node, key);
      case Form::map:
      case Form::map_or_text:
      case Form::map_or_list:
      case Form::checks:
      case Form::window:
      case Form::derived:
      case Form::list:
      case Form::list_or_text:
        return below(node, key);
      case Form::undo:
        return scalars(node, node.type == Node::Type::map ? Names::nothing : Names::step);
      case Form::on_failure:
        return on_failure(node);
      default:
        return scalars(node, here_.field != nullptr && names_of(key, id) == Names::nothing
                                 ? names_of_field()
                                 : names_of(key, id));
    }
  }

  Names names_of_field() const {
    return here_.field == nullptr ? Names::nothing : names_of(*here_.field);
  }

  /// name -> map.
  void named(const Node& node, const model::KeySpec& key) {
    for (const Node::Entry& entry : node.entries) {
      const Scope scope(*this);
      const model::Span whole{entry.key_span.file, entry.key_span.begin,
                              std::max(entry.key_span.end, entry.value.span.end)};
      Names names = Names::nothing;
      if (key.section == SectionId::service) names = Names::service;
      if (key.section == SectionId::path) names = Names::path;
      if (key.section == SectionId::version) names = Names::version;
      if (key.section == SectionId::service) here_.kind = kind_of(entry.value);
      if (key.section == SectionId::path_objectives)
        reference(entry.key_span, entry.key, Names::path);
      else
        name(entry.key_span, entry.key, names, whole);
      if (key.section == SectionId::service) here_.service = entry.key;
      if (entry.value.type == Node::Type::map)
        section(entry.value, key.section);
      else
        scalars(entry.value, key.section == SectionId::path ? Names::step : Names::nothing);
    }
  }

  /// A map, or a list of them.
  void below(const Node& node, const model::KeySpec& key) {
    const Scope scope(*this);
    if (node.type == Node::Type::map) return section_or_group(node, key.section);
    if (node.type != Node::Type::list) return scalars(node, Names::nothing);
    const bool group = here_.section == SectionId::group;
    if (group) ++groups_;
    for (const Node& item : node.items) {
      if (item.type == Node::Type::map)
        section_or_group(item, key.section);
      else
        scalars(item, Names::nothing);
    }
    if (group) --groups_;
  }

  void section_or_group(const Node& map, SectionId id) {
    const bool group = id == SectionId::step &&
                       (map.find("steps") != nullptr || map.find("migrations") != nullptr);
    section(map, group ? SectionId::group : id);
  }

  void reference(const model::Span& span, const std::string& text, Names names) {
    add(Role::value, span, text).names = names;
  }

  /// Scalars, alone or listed; of what holds more, all scalars in it.
  void scalars(const Node& node, Names names) {
    if (node.is_scalar()) return leading_service(node, names);
    for (const Node& item : node.items) scalars(item, names);
    for (const Node::Entry& entry : node.entries)
      scalars(entry.value, entry.key == "on" ? Names::service : Names::nothing);
  }

  /// `db.users`, `api/health`: texts of checks and residues begin with the service that they are
  /// about.
  void leading_service(const Node& node, Names names) {
    const bool looks = here_.section == SectionId::check || here_.section == SectionId::invariant ||
                       here_.section == SectionId::residue;
    const std::size_t end = node.text.find_first_of("./");
    const std::string first = node.text.substr(0, end);
    if (names != Names::nothing || !looks || end == std::string::npos || services_ == nullptr ||
        services_->find(first) == nullptr) {
      return reference(node.span, node.text, names);
    }
    reference(model::place_in(node, sources_, 0, end), first, Names::service);
  }

  /// rollback:PATH and goto:STEP.
  void on_failure(const Node& node) {
    const std::size_t colon = node.text.find(':');
    if (!node.is_scalar() || colon == std::string::npos) return scalars(node, Names::nothing);
    const Names names = node.text.starts_with("goto") ? Names::step : Names::path;
    reference(model::place_in(node, sources_, colon + 1, node.text.size()),
              node.text.substr(colon + 1), names);
  }

  const model::Sources& sources_;
  const model::Catalog& catalog_;
  const Node* services_;
  PlanItem here_;
  std::size_t groups_ = 0;
  std::vector<PlanItem> items_;
};

}  // namespace

std::vector<PlanItem> items_of(const model::Node& root, const model::Sources& sources,
                               const model::Catalog& catalog) {
  return Walk(root, sources, catalog).take();
}

}  // namespace backout::lsp
