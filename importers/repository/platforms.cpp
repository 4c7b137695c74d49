// Files of hosting platforms: what app they deploy and what they call it.
#include <filesystem>

#include "importers/repository/readers.hpp"
#include "importers/toml.hpp"

namespace backout::importers {

using model::Node;

namespace {

Unit app(const ReadFile& file, std::string kind, std::string name = {}) {
  return {.kind = std::move(kind),
          .name = std::move(name),
          .file = file.path,
          .span = {file.source, 0, 0}};
}

/// The text of a top-level key of a TOML file; empty when there is none or the file cannot be read.
std::string toml_text(const ReadFile& file, const char* key) {
  const auto table = read_toml(file.text);
  return table ? (*table)[key].value_or(std::string()) : std::string();
}

/// The services of render.yaml and the databases beside them.
void read_render(const ReadFile& file, Repository& repository) {
  for (const Node& document : documents_of(file, repository)) {
    if (const Node* services = member(&document, "services")) {
      for (const Node& service : services->items) {
        Unit unit = app(file, "render", text_of(&service, "name"));
        if (const Node* name = member(&service, "name")) unit.span = name->span;
        unit.workload = text_of(&service, "type");
        if (unit.workload == "redis" || unit.workload == "keyvalue") {
          unit.purpose = Purpose::store;
          unit.store = "redis";
          repository.units.push_back(std::move(unit));
        } else {
          add_unit(repository, std::move(unit));
        }
      }
    }
    if (const Node* databases = member(&document, "databases")) {
      for (const Node& database : databases->items) {
        Unit unit = app(file, "render", text_of(&database, "name"));
        unit.purpose = Purpose::store;
        unit.store = "postgres";
        repository.units.push_back(std::move(unit));
      }
    }
  }
}

/// serverless.yml: one service of functions.
void read_serverless(const ReadFile& file, Repository& repository) {
  for (const Node& document : documents_of(file, repository)) {
    if (member(&document, "functions") == nullptr) continue;
    add_unit(repository, app(file, "app", text_of(&document, "service")));
  }
}

/// An ECS task definition: its family, and the image of its first container.
void read_task_definition(const ReadFile& file, Repository& repository) {
  for (const Node& document : documents_of(file, repository)) {
    const Node* containers = member(&document, "containerDefinitions");
    if (containers == nullptr || containers->items.empty()) continue;
    Unit unit = app(file, "ecs", text_of(&document, "family"));
    unit.workload = "task definition";
    if (const Node* family = member(&document, "family")) unit.span = family->span;
    unit.image = text_of(&containers->items.front(), "image");
    add_unit(repository, std::move(unit));
  }
}

/// Every command that a systemd unit or a Procfile runs is the app itself: its name is the unit's.
Unit unit_file(const ReadFile& file) {
  Unit unit = app(file, "systemd", std::filesystem::path(file.path).stem().string());
  unit.workload = "service";
  return unit;
}

}  // namespace

bool is_task_definition(const std::string& name) {
  if (!name.ends_with(".json")) return false;
  return name.find("task-def") != std::string::npos || name.find("taskdef") != std::string::npos ||
         name.find("task_def") != std::string::npos || name.find("taskDef") != std::string::npos;
}

bool read_platform(const ReadFile& file, Repository& repository) {
  const std::string name = std::filesystem::path(file.path).filename().string();
  if (name == "vercel.json")
    add_unit(repository, app(file, "vercel"));
  else if (name == "netlify.toml")
    add_unit(repository, app(file, "app"));
  else if (name == "fly.toml")
    add_unit(repository, app(file, "fly", toml_text(file, "app")));
  else if (name == "railway.json" || name == "railway.toml")
    add_unit(repository, app(file, "railway"));
  else if (name == "wrangler.toml")
    add_unit(repository, app(file, "app", toml_text(file, "name")));
  else if (name == "render.yaml" || name == "render.yml")
    read_render(file, repository);
  else if (name == "serverless.yml" || name == "serverless.yaml")
    read_serverless(file, repository);
  else if (is_task_definition(name))
    read_task_definition(file, repository);
  else if (name.ends_with(".service"))
    add_unit(repository, unit_file(file));
  else if (name == "Procfile" || name == "app.json")
    add_unit(repository, app(file, "app"));
  else if (name == "Dockerfile")
    add_unit(repository, app(file, "docker"));
  else
    return name.ends_with(".timer") || name == "firebase.json";
  return true;
}

}  // namespace backout::importers
