#pragma once
// A few kinds with every type of value: what the loader is tested against, so that its tests do not
// move with services/.

#include "model/catalog.hpp"

namespace backout::tests {

inline model::Catalog small_catalog() {
  using model::ValueType;
  const model::FieldSpec fields{"fields", ValueType::strings, false, {}, "The payload's fields."};
  model::KindSpec postgres{
      "postgres",
      "A database.",
      false,
      {{"database", ValueType::string, false, {}, "Its name."},
       {"schema", ValueType::file, false, {}, "SQL that makes it."},
       {"tables", ValueType::map, false, {}, "Tables by name."},
       {"migrations", ValueType::migrations, false, {}, "Its migrations."},
       {"migrated_to", ValueType::migration, false, {}, "The last that it has."},
       {"connections", ValueType::integer, false, {}, "Open connections."}},
      {{"backup",
        {{"format", ValueType::choice, false, {"custom", "plain", "snapshot"}, "Its format."},
         {"verify", ValueType::boolean, false, {}, "Whether it is tried."},
         {"file", ValueType::string, false, {}, "Where it goes."}},
        "Takes a backup."},
       {"restore",
        {{"from", ValueType::string, true, {}, "The backup."},
         {"clean", ValueType::boolean, false, {}, ""}},
        "Restores."},
       {"sql",
        {{"text", ValueType::string, false, {}, "Statements."},
         {"file", ValueType::file, false, {}, "A script."}},
        "Runs SQL."},
       {"apply_migration",
        {{"migration", ValueType::migration, true, {}, "Its id."}},
        "Runs an up."},
       {"revert_migration",
        {{"migration", ValueType::migration, true, {}, "Its id."}},
        "Runs a down."},
       {"migrate",
        {{"add_column", ValueType::string, false, {}, ""},
         {"drop_column", ValueType::string, false, {}, ""},
         {"backfill", ValueType::string, false, {}, ""},
         {"clear", ValueType::string, false, {}, ""},
         {"set_not_null", ValueType::strings, false, {}, ""},
         {"drop_not_null", ValueType::strings, false, {}, ""},
         {"unique", ValueType::strings, false, {}, ""},
         {"drop_constraints", ValueType::strings, false, {}, ""}},
        "Changes the schema."}}};
  model::KindSpec app{"app",
                      "An app.",
                      true,
                      {{"unit", ValueType::string, false, {}, "Its unit."},
                       {"image", ValueType::string, false, {}, "Its image."},
                       {"port", ValueType::integer, false, {}, "Its port."}},
                      {{"deploy",
                        {{"version", ValueType::version, true, {}, "The version."},
                         {"ref", ValueType::string, false, {}, "The ref."},
                         {"command", ValueType::string, false, {}, "The command."}},
                        "Deploys a version."},
                       {"stop_intake", {}, "Stops new work."},
                       {"probe",
                        {{"path", ValueType::string, false, {}, ""},
                         {"send", ValueType::map, false, {}, ""},
                         {"expect", ValueType::any, false, {}, ""}},
                        "Asks it."}}};
  model::KindSpec webhook{"webhook",
                          "A webhook.",
                          false,
                          {{"provider", ValueType::string, false, {}, ""},
                           {"event", ValueType::string, false, {}, ""},
                           {"to", ValueType::service, false, {}, ""},
                           fields,
                           {"retries", ValueType::boolean, false, {}, ""}},
                          {{"set", {fields}, "Changes the payload."}}};
  model::KindSpec balancer{
      "balancer",
      "A balancer.",
      false,
      {{"sides", ValueType::map, false, {}, ""}, {"live", ValueType::string, false, {}, ""}},
      {{"switch", {{"to", ValueType::string, true, {}, ""}}, "Switches."}}};
  model::KindSpec worker{
      "worker",
      "A worker.",
      false,
      {{"unit", ValueType::string, false, {}, ""}},
      {{"stop", {{"drain", ValueType::any, false, {}, ""}}, "Stops."}, {"start", {}, "Starts."}}};
  model::KindSpec maintenance{
      "maintenance",
      "A switch.",
      false,
      {{"via", ValueType::service, false, {}, ""}, {"state_in", ValueType::service, false, {}, ""}},
      {{"on", {}, ""}, {"off", {}, ""}}};
  model::KindSpec monitor{
      "monitor",
      "A monitor.",
      false,
      {{"metrics", ValueType::map, false, {}, ""},
       {"via", ValueType::service, false, {}, ""},
       {"absent_means", ValueType::string, false, {}, ""}},
      {{"watch", {{"for", ValueType::duration, true, {}, "How long."}}, "Watches."}}};
  model::KindSpec flags{"flags",
                        "Flags.",
                        false,
                        {{"flags", ValueType::map, false, {}, ""}},
                        {{"set",
                          {{"key", ValueType::string, true, {}, ""},
                           {"enabled", ValueType::boolean, true, {}, ""},
                           {"rollout", ValueType::number, false, {}, ""}},
                          "Sets."}}};
  model::KindSpec manual{"manual",
                         "People.",
                         false,
                         {},
                         {{"task",
                           {{"text", ValueType::string, false, {}, ""},
                            {"after_step", ValueType::step, false, {}, ""}},
                           "A task."},
                          {"confirm",
                           {{"prompt", ValueType::string, false, {}, ""},
                            {"timeout", ValueType::duration, false, {}, ""}},
                           "Asks."},
                          {"wait", {{"for", ValueType::duration, true, {}, ""}}, "Waits."}}};
  balancer.aliases = {"load_balancer"};
  return {{postgres, app, webhook, balancer, worker, maintenance, monitor, flags, manual}};
}

}  // namespace backout::tests
