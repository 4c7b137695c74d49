#include "model/language.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace backout::model {
namespace {

using Keys = std::vector<KeySpec>;

const Keys kPlan = {
    {"backout", Form::one, "Version of the plan language; 1.", true},
    {"name", Form::string, "What the plan is called in reports; default: the file's name."},
    {"source", Form::strings, "The runbooks that the plan was written from."},
    {"note", Form::string, "Anything that readers should know."},
    {"services", Form::maps, "What the plan touches, by name.", false, {}, SectionId::service},
    {"workload", Form::rates, "How often operations and events happen, like 20/min."},
    {"objectives", Form::map, "Targets for time and data.", false, {}, SectionId::objectives},
    {"invariants",
     Form::maps_or_texts,
     "What must hold, by name.",
     false,
     {},
     SectionId::invariant},
    {"residue",
     Form::list_or_text,
     "What may stay behind after a rollback.",
     false,
     {},
     SectionId::residue},
    {"backups",
     Form::maps,
     "Backups that exist before the deploy, by name.",
     false,
     {},
     SectionId::backup},
    {"deploy", Form::map, "The deploy.", false, {}, SectionId::deploy},
    {"rollback", Form::map, "The rollback.", false, {}, SectionId::rollback},
    {"decisions",
     Form::map,
     "When to roll back and by which path.",
     false,
     {},
     SectionId::decisions},
    {"limits",
     Form::map,
     "Which faults to consider and how far to look.",
     false,
     {},
     SectionId::limits},
    {"ignore",
     Form::list,
     "Findings that are known and accepted.",
     false,
     {},
     SectionId::suppression},
    {"notes",
     Form::list,
     "What the runbook says beside the rollback: drills, messages, alerts, times. For readers; "
     "nothing is judged by it.",
     false,
     {},
     SectionId::remark},
};

const Keys kService = {
    {"kind", Form::kind, "The service's kind; its other keys follow from it.", true},
    {"uses", Form::services, "Services that it needs to work."},
    {"versions",
     Form::maps,
     "Apps: what each version does to other services.",
     false,
     {},
     SectionId::version},
    {"start", Form::string, "Apps: the version that serves before the deploy."},
    {"reconciles",
     Form::map,
     "What it puts back by itself: a GitOps controller, a generator, an autoscaler, a cron job.",
     false,
     {},
     SectionId::reconciles},
    {"encrypted_with", Form::string,
     "service.fact of the key that what it holds and its copies are encrypted with: each is read "
     "only while the version of then is there."},
    {"copies_encrypted_with", Form::string,
     "The same where only its copies are encrypted with it."},
    {"source", Form::string, "Where the runbook or the repository says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kVersion = {
    {"artefact", Form::string, "Image, digest or ref that it is built as."},
    {"operations", Form::operations,
     "What it does to other services, by name; `none`: nothing. Without it and the short lists "
     "nothing is known of it."},
    {"accepts", Form::lists, "Short: event -> fields that it needs in the payload."},
    {"inserts", Form::lists, "Short: table -> columns that it inserts."},
    {"reads", Form::lists, "Short: table -> columns that it selects."},
    {"writes", Form::lists,
     "Short: cache, queue, bucket or index -> the format of what it writes there."},
    {"puts", Form::lists, "The same as writes, of a queue."},
    {"takes", Form::lists,
     "Short: queue -> the formats that it takes; reads of a cache, bucket or index likewise, by "
     "default what it writes there."},
    {"requires", Form::map, "Short: facts that must hold.", false, {}, SectionId::requires_},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kRequires = {
    {"tables", Form::strings, "Tables that must exist."},
    {"columns", Form::strings, "Columns (table.column) that must exist."},
    {"not_null", Form::strings, "Columns that must be NOT NULL."},
    {"nullable", Form::strings, "Columns that must accept NULL."},
    {"config", Form::strings, "Keys of the configuration that must be set."},
    {"flags", Form::strings, "Flags that it reads."},
};

const Keys kDeploy = {
    {"window",
     Form::window,
     "How long the deploy may take: a duration or from and to.",
     false,
     {},
     SectionId::window},
    {"steps", Form::list, "The steps, in order.", false, {}, SectionId::step},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kWindow = {
    {"from", Form::clock, "When it opens, \"HH:MM\".", true},
    {"to", Form::clock, "When it closes; earlier than from means the next day.", true},
};

const Keys kRollback = {
    {"total", Form::duration, "The total time that the runbook states."},
    {"on_failure", Form::on_failure,
     "What a failed step does where the step does not say: abort, continue, rollback or "
     "rollback:PATH; default abort."},
    {"response", Form::map, "Time before the first step.", false, {}, SectionId::response},
    {"paths", Form::maps_or_lists, "Named full and partial rollbacks.", false, {}, SectionId::path},
    {"steps", Form::derived, "The steps, in order, or `derived`.", false, {}, SectionId::step},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kResponse = {
    {"detect", Form::duration, "Until somebody or something notices."},
    {"decide", Form::duration, "From there until somebody decides to roll back."},
    {"respond", Form::duration, "From there until somebody acts."},
};

const Keys kStep = {
    {"id", Form::string, "Unique in the plan; [a-z][a-z0-9_-]*.", true},
    {"do", Form::verb, "The action: a verb of the target's kind.", true},
    {"target", Form::service, "The service; left out only for what a person does."},
    {"needs", Form::step_list, "Steps that must have ended; default: the step listed before it."},
    {"takes", Form::duration, "How long the work takes."},
    {"after", Form::duration, "Wait between the work and its checks."},
    {"timeout", Form::duration, "When the runner gives up waiting; default: never."},
    {"within", Form::duration, "Deadline, counted from the trigger."},
    {"retry", Form::integer, "How often it is tried again; default 0."},
    {"by", Form::choice, "Who runs it.", false, {"human", "ci", "auto"}},
    {"via", Form::services,
     "Services that must answer for it to run: CI, a registry, a deployer, an admission webhook, a "
     "VPN."},
    {"precheck", Form::checks, "What must hold before it runs.", false, {}, SectionId::check},
    {"verify",
     Form::checks,
     "What must hold afterwards; none says that nobody looks.",
     false,
     {},
     SectionId::check},
    {"on_failure", Form::on_failure,
     "What follows when it fails: abort, continue, rollback or rollback:PATH; default abort."},
    {"critical", Form::boolean, "Whether its failure fails the run; default true."},
    {"always", Form::boolean, "It runs even after a failure; default false."},
    {"optional", Form::boolean, "It may be left out; default false."},
    {"priority", Form::choice, "The text says that it comes first.", false, {"first"}},
    {"gate", Form::boolean, "The deploy stops here until somebody says go; default false."},
    {"undo", Form::undo,
     "How it is taken back: a step of the rollback, none, auto, or {none: why}."},
    {"compensate", Form::undo, "The same as undo."},
    {"undoes", Form::step_list, "Rollback: steps of the deploy that it takes back."},
    {"point_of_no_return", Form::boolean,
     "The plan says that there is no way back; default false."},
    {"residue",
     Form::list_or_text,
     "What its undo may leave behind.",
     false,
     {},
     SectionId::residue},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kGroup = {
    {"id", Form::string,
     "Unique in the plan; stands for the last member in needs, for all in paths.", true},
    {"steps", Form::list, "The members, in order.", false, {}, SectionId::step},
    {"migrations", Form::service,
     "In place of steps: the migrations of this database, one step each; in the rollback their "
     "downs, newest first."},
    {"to", Form::string,
     "With migrations: the last one to apply, or in the rollback the one to go back to; default: "
     "all."},
    {"needs", Form::step_list, "Steps that must have ended before the first member."},
    {"takes", Form::duration, "Shared evenly by the members that do not say their own."},
    {"within", Form::duration, "Deadline of every member."},
    {"by", Form::choice, "Who runs the members.", false, {"human", "ci", "auto"}},
    {"precheck",
     Form::checks,
     "What must hold before the first member.",
     false,
     {},
     SectionId::check},
    {"verify", Form::checks, "What must hold after the last member.", false, {}, SectionId::check},
    {"on_failure", Form::on_failure, "For members that do not say."},
    {"critical", Form::boolean, "For members that do not say."},
    {"always", Form::boolean, "For members that do not say."},
    {"optional", Form::boolean, "For members that do not say."},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kPath = {
    {"steps", Form::step_list, "Steps of the rollback, in order.", true},
    {"total", Form::duration, "The total time that the runbook states for it."},
    {"timeout", Form::duration, "When the runner gives the whole path up."},
    {"from", Form::step_list, "Steps of the deploy after which it may be chosen; default any."},
    {"full", Form::boolean,
     "It claims to restore everything; default: it is named full or is the only path."},
    {"when", Form::string, "When the runbook says to take it."},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kCheck = {
    {"metric", Form::string, "A metric compared with a value."},
    {"http", Form::string, "A request to service or service/path."},
    {"sql", Form::string, "A query; without expect it cannot fail."},
    {"rows", Form::strings, "Row counts of service.table."},
    {"fact", Form::string, "A fact of a service: fact, or service.fact."},
    {"version", Form::string, "The version that serves."},
    {"same_point", Form::services, "Stores that must hold the same restore point."},
    {"command", Form::string, "A command that backout does not understand."},
    {"manual", Form::string, "A person looks; the text is what for."},
    {"service", Form::service, "fact: the service."},
    {"on", Form::service, "sql: the database; metric: the monitor."},
    {"of", Form::service, "version: the app."},
    {"via", Form::service, "http: the service that the request goes through."},
    {"is", Form::any, "fact: its value; default: any."},
    {"op",
     Form::choice,
     "metric: the comparison.",
     false,
     {"lt", "le", "gt", "ge", "eq", "between"}},
    {"value", Form::value, "metric: what it is compared with."},
    {"change", Form::choice, "metric: compared with its baseline.", false, {"relative"}},
    {"expect", Form::any, "http: the status; sql, command: the result."},
    {"fail_on_error", Form::boolean, "http, command: an error fails the check; default true."},
    {"within", Form::string, "rows: tolerance, like 1%; metric: how long after the deploy."},
    {"baseline", Form::any, "rows, metric: what to compare with."},
    {"for", Form::duration, "How long it must hold."},
    {"after", Form::duration, "Wait before it."},
    {"timeout", Form::duration, "When it counts as failed."},
    {"retries", Form::integer, "How often it is repeated."},
    {"send", Form::any, "http: what is sent."},
    {"cleanup", Form::boolean, "http: what was sent is removed again."},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

Keys with_when() {
  Keys keys = kCheck;
  keys.push_back({"when",
                  Form::choice,
                  "In every visible state or at the end; default end.",
                  false,
                  {"always", "end"}});
  return keys;
}
const Keys kInvariant = with_when();

const Keys kObjectives = {
    {"rto", Form::duration, "From the failure until everything works: the same as total."},
    {"rpo", Form::rpo, "How much data may be lost: 0, a duration, or unknown."},
    {"detect", Form::duration, "Until the failure is noticed."},
    {"decide", Form::duration, "Until the rollback is decided."},
    {"execute", Form::duration, "The steps of the rollback."},
    {"verify", Form::duration, "The checks after it."},
    {"downtime", Form::duration,
     "How long the rollback keeps users out: from its first step that takes something down until "
     "all serves again."},
    {"total", Form::duration, "All of it."},
    {"paths",
     Form::maps_or_durations,
     "The same by path; a bare duration is the total, `none` says that the plan's total does not "
     "hold for it.",
     false,
     {},
     SectionId::path_objectives},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kPathObjectives = {
    {"detect", Form::duration, "Until the failure is noticed."},
    {"decide", Form::duration, "Until the rollback is decided."},
    {"execute", Form::duration, "The steps of the path."},
    {"verify", Form::duration, "The checks after it."},
    {"downtime", Form::duration,
     "How long the rollback keeps users out: from its first step that takes something down until "
     "all serves again."},
    {"total", Form::duration, "All of it."},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kResidue = {
    {"path", Form::string, "service.fact; * stands for any text, as in a shell.", true},
    {"reason", Form::string, "Why it may stay."},
};

const Keys kBackup = {
    {"of", Form::service, "The service that it holds.", true},
    {"format", Form::string, "custom, plain, directory, snapshot, copy or unknown."},
    {"location", Form::string, "Where it is kept: what it may be lost together with."},
    {"age", Form::duration, "How old it is when the deploy starts."},
    {"verified", Form::string, "never, or when and how a restore of it was tried."},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kRemark = {
    {"about", Form::string, "What it belongs to: drill, alert, message, time, check or question",
     true},
    {"text", Form::string, "What is said."},
    {"commands", Form::strings, "Commands that stand there."},
    {"takes", Form::duration, "A time that is stated there."},
    {"source", Form::string, "Where the runbook says it, file:line."},
};

const Keys kDecisions = {
    {"hit",
     Form::choice,
     "How many rules may apply at once; default unique.",
     false,
     {"unique", "any", "first", "priority"}},
    {"metrics",
     Form::maps_or_texts,
     "What is known about the metrics, by name.",
     false,
     {},
     SectionId::metric},
    {"issues", Form::strings, "The issues that rules speak of."},
    {"severities", Form::strings, "The severities that rules speak of."},
    {"rules", Form::list, "The rules, in order.", false, {}, SectionId::rule},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kMetric = {
    {"unit", Form::string, "percent (%), ms, s, count, ratio or a word."},
    {"range", Form::range, "The values that are possible."},
    {"source", Form::service, "The monitor that reports it."},
    {"absent",
     Form::choice,
     "What it means when no data arrives.",
     false,
     {"roll_back", "hold", "unknown"}},
    {"measures",
     Form::choice,
     "What of live traffic it measures: the percentage of operations that are refused.",
     false,
     {"refused"}},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kRule = {
    {"id", Form::string, "Its name; [a-z][a-z0-9_-]*."},
    {"when", Form::map_or_text, "The condition, or `otherwise`.", true, {}, SectionId::condition},
    {"decide",
     Form::choice,
     "What follows.",
     true,
     {"rollback", "must_rollback", "recommended", "maybe", "forward", "monitor", "disable_flag"}},
    {"path", Form::path, "The rollback path."},
    {"within", Form::duration, "How soon."},
    {"source", Form::string, "Where the runbook says it, file:line."},
    {"note", Form::string, "Anything that readers should know."},
};

const Keys kCondition = {
    {"metric", Form::string, "A metric, with op and value."},
    {"op", Form::choice, "The comparison.", false, {"lt", "le", "gt", "ge", "eq", "between"}},
    {"value", Form::value, "What it is compared with; [low, high] for between."},
    {"change", Form::choice, "The value is relative to the baseline.", false, {"relative"}},
    {"for", Form::duration, "How long it must have been so."},
    {"within", Form::duration, "Only so long after the deploy."},
    {"issue", Form::string, "An issue."},
    {"severity", Form::string, "A severity."},
    {"all", Form::list, "Conditions that all hold.", false, {}, SectionId::condition},
    {"any", Form::list, "Conditions of which one holds.", false, {}, SectionId::condition},
    {"otherwise", Form::boolean, "No other rule applies: otherwise: true."},
};

const Keys kLimits = {
    {"faults", Form::integer, "How many faults at once; default 1."},
    {"fault_kinds", Form::strings, "Which faults; default: those of the simulator."},
    {"traffic", Form::integer, "How often each operation may run; default 1."},
    {"states", Form::integer, "How many states the search may visit; default: the simulator's."},
};

const Keys kSuppression = {
    {"rule", Form::string, "The rule's id.", true},
    {"step", Form::step, "The step; default: anywhere."},
    {"reason", Form::string, "Why it is accepted.", true},
    {"until", Form::date, "The last day, YYYY-MM-DD; default: for ever."},
};

const Keys kReconciles = {
    {"what", Form::services, "Services that it puts back; default: itself."},
    {"from", Form::any,
     "What they are put back to: a git service (the version of its branch), a config service (its "
     "items), or fact: value.",
     true},
    {"every", Form::duration, "How long it may take to notice."},
    {"note", Form::string, "Anything that readers should know."},
};

}  // namespace

const std::vector<KeySpec>& keys_of(SectionId section) {
  static const std::array<const Keys*, 25> kSections = {
      &kPlan,      &kService,  &kVersion,     &kRequires,   &kDeploy,
      &kWindow,    &kRollback, &kResponse,    &kStep,       &kGroup,
      &kPath,      &kCheck,    &kInvariant,   &kObjectives, &kPathObjectives,
      &kResidue,   &kBackup,   &kDecisions,   &kMetric,     &kRule,
      &kCondition, &kLimits,   &kSuppression, &kReconciles, &kRemark};
  const auto index = static_cast<std::size_t>(section);
  assert(index < kSections.size());
  return *kSections[index];
}

const KeySpec* find_key(SectionId section, std::string_view name) {
  const std::vector<KeySpec>& keys = keys_of(section);
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const KeySpec& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

const std::vector<std::string>& reserved_ids() {
  static const std::vector<std::string> kWords = {"none", "auto",  "unknown", "derived", "missing",
                                                  "true", "false", "null",    "yes",     "no",
                                                  "on",   "off",   "y",       "n"};
  return kWords;
}

bool is_id(std::string_view text) {
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace backout::model
