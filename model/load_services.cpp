// services: kinds, their fields, versions.

#include <algorithm>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {

void collect_services(LoadContext& context, Node& services) {
  if (!context.is_map(services, "'services'")) return;
  context.services_node = &services;
  for (const Node::Entry& entry : services.entries) {
    context.id(entry.key, entry.key_span, "service");
    Service service;
    service.name = entry.key;
    service.span = entry.key_span;
    context.plan.services.push_back(std::move(service));
    context.kinds.push_back(nullptr);
  }
  context.plan.build_index();
}

namespace {

const KindSpec* read_kind(LoadContext& context, const Node& body, const Node::Entry& entry) {
  const Node* kind = body.find("kind");
  if (kind == nullptr) {
    const std::string said = said_instead("kind", body, key_names(SectionId::service));
    context.mistake(entry.key_span, fmt::format("service '{}' needs 'kind'", entry.key),
                    said.empty() ? "" : fmt::format("write 'kind' for '{}'", said));
    return nullptr;
  }
  const std::string name = context.name(*kind, "a kind of service");
  const KindSpec* spec = context.catalog.find(name);
  if (spec == nullptr && !name.empty()) {
    const std::string near = nearest(name, context.catalog.names());
    context.mistake(kind->span, fmt::format("unknown kind '{}'", name),
                    fmt::format("{}`backout kinds` lists all",
                                near.empty() ? "" : fmt::format("did you mean '{}'? ", near)));
  }
  return spec;
}

const FieldSpec* find_field(const KindSpec& kind, std::string_view name) {
  const auto found = std::find_if(kind.fields.begin(), kind.fields.end(),
                                  [&](const FieldSpec& f) { return f.name == name; });
  return found == kind.fields.end() ? nullptr : &*found;
}

std::vector<std::string> known_keys(const KindSpec& kind) {
  std::vector<std::string> known;
  for (const KeySpec& key : keys_of(SectionId::service)) {
    if (kind.has_versions || (key.name != "versions" && key.name != "start"))
      known.emplace_back(key.name);
  }
  for (const FieldSpec& field : kind.fields) known.push_back(field.name);
  return known;
}

void read_start(LoadContext& context, Service& service, const Node& start) {
  if (start.is_unknown()) {
    service.start = "unknown";
    return;
  }
  service.start = context.name(start, "the name of a version");
  if (!service.versions.empty() && !service.start.empty() &&
      service.find_version(service.start) == nullptr) {
    context.mistake(start.span,
                    fmt::format("service '{}' has no version '{}'", service.name, service.start),
                    did_you_mean(service.start, context.version_names(service)));
  }
}

void read_reconciles(LoadContext& context, const Node& node) {
  if (!context.is_map(node, "'reconciles'")) return;
  context.keys(node, SectionId::reconciles, "'reconciles'");
  if (const Node* what = node.find("what")) context.services(*what);
  if (const Node* every = node.find("every")) context.duration(*every);
  const Node* from = node.find("from");
  if (from != nullptr && from->type != Node::Type::map) context.service(*from);
}

/// `service.fact` of the key that something is encrypted with.
void read_key(LoadContext& context, const Node& node) {
  const std::string path = context.text(node);
  if (node.is_unknown() || path.empty()) return;
  Node service = node;
  service.text = path.substr(0, path.find('.'));
  if (context.service(service) != kNone && path.find('.') == std::string::npos) {
    context.mistake(node.span, fmt::format("'{}' names no fact", path),
                    "write service.fact, as in vault.items.master");
  }
}

/// Keys that every service may have and that its kind reads like a field.
bool read_common(LoadContext& context, const Node::Entry& entry) {
  if (entry.key == "reconciles")
    read_reconciles(context, entry.value);
  else if (entry.key == "encrypted_with" || entry.key == "copies_encrypted_with")
    read_key(context, entry.value);
  else
    return false;
  return true;
}

/// `kind: flux` says who provides it: of a kind that has a `provider`, its other name is that where
/// none is given.
void read_other_name(const KindSpec& kind, const Node& body, Service& service) {
  const Node* named = body.find("kind");
  if (named == nullptr || named->text == kind.name || find_field(kind, "provider") == nullptr ||
      body.find("provider") != nullptr)
    return;
  service.fields.entries.push_back({"provider", named->span, *named});
}

void read_fields(LoadContext& context, ServiceIndex index, Node& body) {
  const KindSpec* kind = context.kinds[index];
  Service& service = context.plan.services[index];
  if (kind != nullptr) read_other_name(*kind, body, service);
  for (Node::Entry& entry : body.entries) {
    const FieldSpec* field = kind == nullptr ? nullptr : find_field(*kind, entry.key);
    const bool app_key = entry.key == "versions" || entry.key == "start";
    const bool common = find_key(SectionId::service, entry.key) != nullptr &&
                        (kind == nullptr || kind->has_versions || !app_key);
    if (field == nullptr && read_common(context, entry)) {
      service.fields.entries.push_back(std::move(entry));
    } else if (field != nullptr) {
      context.field(*field, entry.value, index);
      service.fields.entries.push_back(std::move(entry));
    } else if (!common && kind != nullptr) {
      context.unknown_key(body, entry, known_keys(*kind));
    }
  }
  if (kind == nullptr) return;
  for (const FieldSpec& field : kind->fields) {
    if (field.required && !service.fields.has(field.name)) {
      context.mistake(service.span,
                      fmt::format("service '{}' needs '{}'", service.name, field.name),
                      as_hint(field.help));
    }
  }
}

}  // namespace

void read_services(LoadContext& context, Node& services) {
  if (services.type != Node::Type::map) return;
  for (ServiceIndex i = 0; i < services.entries.size(); ++i) {
    Node::Entry& entry = services.entries[i];
    Service& service = context.plan.services[i];
    if (!context.is_map(entry.value, fmt::format("service '{}'", entry.key))) continue;
    context.kinds[i] = read_kind(context, entry.value, entry);
    if (context.kinds[i] != nullptr) service.kind = context.kinds[i]->name;
    if (const Node* uses = entry.value.find("uses")) service.uses = context.services(*uses);
    if (const Node* note = entry.value.find("note")) context.text(*note);
    if (const Node* source = entry.value.find("source"); source != nullptr) context.text(*source);
  }
  for (ServiceIndex i = 0; i < services.entries.size(); ++i) {
    if (const Node* versions = services.entries[i].value.find("versions");
        versions != nullptr && (context.kinds[i] == nullptr || context.kinds[i]->has_versions)) {
      read_versions(context, i, *versions);
    }
  }
  for (ServiceIndex i = 0; i < services.entries.size(); ++i) {
    Node& body = services.entries[i].value;
    if (body.type != Node::Type::map) continue;
    if (const Node* start = body.find("start"))
      read_start(context, context.plan.services[i], *start);
    read_fields(context, i, body);
  }
}

}  // namespace backout::model
