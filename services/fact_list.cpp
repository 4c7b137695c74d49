#include "services/fact_list.hpp"

#include <map>

#include "services/app.hpp"

namespace backout::services {

namespace {

using List = std::vector<FactSpec>;

constexpr FactType kFlag = FactType::boolean;
constexpr FactType kCount = FactType::number;

const List kApp = {{"running", "true or false", kFlag},
                   {"version", "the version that serves"},
                   {"rolling", "the version that replaces it"},
                   {"lingering", "the replaced version, of which an instance was left"},
                   {"unhealthy", "true when it runs and does not serve", kFlag},
                   {"intake", "open or stopped"},
                   {"container", "removed"},
                   {"unpruned.<object>", "an object that is gone from git and runs on"},
                   {"contents.<object>", "what a stateful object of a version holds"},
                   {"replicas", "how many pods or tasks", kCount},
                   {"pinned", "true while only a promotion changes what is served", kFlag},
                   {"environment", "of an older build"},
                   {"release", "the version whose upgrade stopped half way"},
                   {"history", "versions served so far"},
                   {"image.<version>", "present or gone"},
                   {"release_of.<version>", "configuration that belongs to a release"}};
const List kEntryFacts = {{"entries", "kept"},
                          {"entries.<who>", "an entry and its format"},
                          {"done.<who>", "an entry that was dealt with"},
                          {"seen_unknown", "true once a format was met that nobody knows", kFlag}};
const List kTyped = {{"schema.<path>", "what is there, in the plan's words"},
                     {"values.<path>", "what was in it before the deploy: `kept`"},
                     {"rows", "kept"},
                     {"rows.<who>", "a row that was written"},
                     {"written.<row>", "true when it is in the way of a change", kFlag},
                     {"copies.<copy>", "how a copy was made"},
                     {"copy.<copy>", "what it holds"},
                     {"beside.<table>", "the copy that a table was made from"}};
const List kCopies = {{"copies.<copy>", "a copy and its moment or format"},
                      {"copy.<copy>", "what it holds"}};
const List kEngineFacts = {{"engine", "version of the engine"},
                           {"data_of", "the oldest engine that runs on what is there"},
                           {"perhaps_of", "an engine that ran, of which nobody says what it left"},
                           {"copy_of.<copy>", "the engine whose files it has"},
                           {"newest", "the newest engine that ran on what is there (mongodb)"}};
const List kVersion = {{"version", "the version that works"},
                       {"rolling", "the version that replaces it"},
                       {"history", "versions so far"}};

List operator+(List a, const List& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::map<std::string, List, std::less<>>& own_facts() {
  static const std::map<std::string, List, std::less<>> kFacts = {
      {"backup_store", {{"backups.<name>", "verified, fetched, compared or expired"}}},
      {"cache",
       kEntryFacts + kCopies +
           List{{"running", "true or false", kFlag},
                {"engine", "version of the engine"},
                {"eviction", "what goes when the memory is full"},
                {"file", "format of its dump"},
                {"was.<engine>", "engines that ran"},
                {"cold", "true while it is empty and what is behind it bears the load", kFlag}}},
      {"cdn",
       {{"copies.<app>", "versions of which there are copies"},
        {"rules.<key>", "a rule of what it keeps"},
        {"made_under.<key>",
         "values of a rule under which there are copies, once it was changed"}}},
      {"certificate",
       {{"current", "the one that is served"},
        {"revoked.<serial>", "true", kFlag},
        {"expired.<serial>", "true", kFlag}}},
      {"ci", {{"running", "true or false", kFlag}, {"artefacts.<app>.<version>", "kept or gone"}}},
      {"client",
       {{"offered", "the version that is offered"},
        {"offered_to", "the share of the users to whom, below 100", kCount},
        {"live.<version>", "true while somebody has it", kFlag},
        {"device.<format>", "true where somebody has data of it", kFlag},
        {"crashes", "the version that does not open what is there"}}},
      {"compose", {{"orphans.<service>", "running"}, {"volumes", "emptied"}}},
      {"config",
       {{"items.<key>", "its value"},
        {"loaded.<key>", "what readers run with"},
        {"cached.<fact>", "what a cache hides"},
        {"kept.<key>", "the name of a removed item"},
        {"backups", "names of copies"},
        {"copy.<copy>", "what it holds"},
        {"damaged.<copy>", "true", kFlag}}},
      {"controller", {{"suspended", "true or false", kFlag}}},
      {"cron",
       kVersion + List{{"suspended", "true or false", kFlag},
                       {"under_way", "the version of a run that goes on while it is suspended"}}},
      {"deployer", {{"running", "true or false", kFlag}}},
      {"dns",
       {{"records.<name>", "its value"},
        {"ttl.<name>", "its own TTL"},
        {"given.<name and value>", "the longest TTL of an answer that may still be about"}}},
      {"cloudformation",
       {{"real.<resource>", "its settings"},
        {"in_stack.<resource>", "true while the template has it", kFlag},
        {"contents.<resource>", "what it holds"},
        {"failed", "true while the stack is UPDATE_ROLLBACK_FAILED", kFlag}}},
      {"database", kTyped + kEngineFacts},
      {"dynamodb", kTyped},
      {"flags",
       {{"flags.<key>", "true or false", kFlag},
        {"overrides.<customer>", "a flag of one customer"},
        {"seen.<key>", "what readers have cached"},
        {"cached.<fact>", "what a cache hides"}}},
      {"git",
       {{"head", "the commit of the local branch"},
        {"remote", "of the remote branch"},
        {"log", "commits"},
        {"remote_log", "commits"},
        {"detached", "the commit that is checked out"}}},
      {"gitops", {{"suspended", "true while sync is not automated", kFlag}}},
      {"helm", {{"installed", "false after an uninstall"}}},
      {"load_balancer",
       {{"live", "the side that gets the traffic"},
        {"weight.<side>", "its share in percent", kCount},
        {"drained.<side>", "true", kFlag},
        {"warm.<side>", "true", kFlag}}},
      {"maintenance", {{"state", "on or off"}}},
      {"kubernetes", {{"template", "the version of which no pod was made yet"}}},
      {"mongodb", kTyped + kEngineFacts},
      {"monitor", {{"baselines.<name>", "recorded"}}},
      {"mysql", kTyped + kEngineFacts},
      {"notifier", {{"sent", "what was said last"}}},
      {"object_store", kEntryFacts + kCopies +
                           List{{"older.<who>", "a version that can be brought back"},
                                {"replica.<who>", "an object that the other bucket alone has"}}},
      {"pm2",
       {{"saved", "the version that a reboot starts, when it is not the one before the deploy"}}},
      {"postgres",
       {{"tables.<table>", "columns, defaults, constraints, indexes"},
        {"<kind>.<object>", "views, sequences, types, functions, triggers, policies, extensions"},
        {"dumps.<name>", "a dump"},
        {"baselines.<name>", "row counts", kCount},
        {"engine", "major version, where a step changes it", kCount},
        {"old_cluster", "major version of the cluster that an upgrade left as it was", kCount}}},
      {"queue", kEntryFacts + kEngineFacts +
                    List{{"paused", "true or false", kFlag},
                         {"later.<who>", "a message that is kept back"},
                         {"dead.<who>", "a message that was put aside"}}},
      {"region", {{"serves.<place>", "true or false", kFlag}}},
      {"replica",
       {{"role", "replica or primary"},
        {"replay", "running, paused, broken or without slot"},
        {"ahead", "true when its schema was changed before its primary's", kFlag}}},
      {"rollout",
       {{"weight", "share of the canary in percent", kCount},
        {"wanted", "the version that is wanted, when it is not the stable one"}}},
      {"search_index", kCopies + kEngineFacts +
                           List{{"copy_of.<snapshot>", "the engine that took it"},
                                {"alias", "the index that is shown"},
                                {"mapping", "its mapping"},
                                {"index.<name>", "its mapping"},
                                {"docs", "kept"},
                                {"docs.<index>", "documents"}}},
      {"secret",
       {{"current", "the version that is current"},
        {"valid.<version>", "true", kFlag},
        {"destroyed.<version>", "true", kFlag},
        {"brought.<fact>", "a rotation of the deploy made it true, and it may stay"},
        {"deleted", "marked or for good"},
        {"set_aside.<fact>", "what an `undelete` brings back while it is marked"}}},
      {"serverless", {{"weight", "share of the version that is not the main one", kCount}}},
      {"sqlite", kCopies + List{{"file", "damaged: it cannot be read"},
                                {"rows.<id>", "a row"},
                                {"wal.<id>", "a row that is in the -wal file"},
                                {"point", "the moment of the content"},
                                {"damaged.<copy>", "true", kFlag},
                                {"damaged", "true", kFlag}}},
      {"terraform",
       {{"real.<resource>", "its settings"},
        {"state.<resource>", "as the state says"},
        {"locked", "true", kFlag},
        {"contents", "kept"},
        {"contents.<resource>", "what it holds"},
        {"kept.<resource>", "a name that stays taken"}}},
      {"vector_store", kCopies + kEngineFacts +
                           List{{"points.<id>", "a point"},
                                {"of.<copy>", "the collection that it is of"},
                                {"point", "the moment of the content"},
                                {"running", "true or false", kFlag},
                                {"damaged.<copy>", "true", kFlag}}},
      {"webhook",
       {{"fields", "of the payload"},
        {"events", "that are sent"},
        {"url", "where to"},
        {"paused", "true or false", kFlag}}},
      {"workers", kVersion + List{{"running", "true or false", kFlag},
                                  {"under_way",
                                   "true, or a version, while workers that are paused or were "
                                   "replaced have jobs to end"}}}};
  return kFacts;
}

}  // namespace

const char* to_string(FactType type) {
  switch (type) {
    case FactType::text:
      return "text";
    case FactType::boolean:
      return "boolean";
    case FactType::number:
      return "number";
  }
  return "";
}

std::vector<FactSpec> fact_list(const model::KindSpec& kind) {
  const auto own = own_facts().find(kind.name);
  List facts = is_app(kind) ? kApp : List{};
  return own == own_facts().end() ? facts : facts + own->second;
}

bool is_fact(const FactSpec& spec, const std::string& path) {
  const std::size_t family = spec.path.find('<');
  return family == std::string::npos
             ? path == spec.path
             : path.starts_with(spec.path.substr(0, family)) && path.size() > family;
}

}  // namespace backout::services
