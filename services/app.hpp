#pragma once
// What other kinds need to know of apps, and what a platform adds to the common app.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/hook.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

/// Whether users ask services of this kind: apps, not workers, cron jobs or clients, which have
/// versions too.
bool is_app(const model::KindSpec& kind);

/// Whether the service is an app that runs.
bool is_running(const World& world, ServiceIndex app);

/// Why an app that runs does not serve: "'api' runs and does not serve". Empty: it does.
std::string why_unhealthy(const Context& context, const World& world, ServiceIndex app);
/// The version of the app that answers errors; empty: none does.
std::string sick_version(const World& world, ServiceIndex app);
/// The app with the version that it serves as a sick one: it answers errors, however often its
/// process is begun anew, until another version serves. Nullopt: it does not serve, or it serves
/// what it served before the deploy.
std::optional<Record> sick(const Context& context, const World& world, ServiceIndex app);
/// Whether the app is not healthy because of the deploy: its new version is sick, or a step of the
/// deploy left it so.
bool is_ill_since_deploy(const World& world, ServiceIndex app);
/// Apps that run and do not serve in this world, as ones whom a step of the deploy left so.
Changes ill_since_deploy(const Context& context, const World& world);
/// The app, which runs, as one that does not serve.
Record unhealthy(const Record& app);
/// Those of `apps` whose process the action starts in this world, as they are before it when that
/// process will not serve.
Changes unhealthy_if_started(const Context& context, const World& world, const Action& action,
                             const std::vector<ServiceIndex>& apps);

/// Whether `service` answers: an app that runs and serves, a balancer whose live side does;
/// anything else always does.
bool answers(const Context& context, const World& world, ServiceIndex service);

/// The resource paths that decide whether `service` answers: its own, and those of the apps behind
/// a balancer.
std::vector<std::string> paths_behind(const Context& context, ServiceIndex service);

// Arguments of whoever asks a service: a probe, and a check of what answers.
inline constexpr TextArg kAskedHttp{"http", "Of a check: the URL that is asked."};
inline constexpr TextArg kAskedPath{"path", "Path that is asked."};
inline constexpr TextArg kAskedExpect =
    TextArg("expect", "Answer that passes; without one every answer passes.")
        .of(model::ValueType::any);
inline constexpr TextArg kAskedVersion =
    TextArg("version", "Version that must answer.").of(model::ValueType::version);
inline constexpr FlagArg kAskedFailOnError{"fail_on_error",
                                           "An error answer fails it (`curl -f`)."};
inline constexpr TextArg kAskedRetries =
    TextArg("retries", "How often it is tried.").of(model::ValueType::integer);
inline constexpr TextArg kAskedSend =
    TextArg("send", "Body that is sent.").of(model::ValueType::any);

/// What one who asks `service` learns; `args` are those of a probe or of an http check: expect,
/// version, fail_on_error, send. Without any of the first three every answer passes, and none at
/// all passes too.
CheckResult ask(const Context& context, const World& world, ServiceIndex service, const Args& args);
/// The same as the outcome of a probe: refused when the answer is wrong.
Outcome probe(const Context& context, const World& world, ServiceIndex service, const Args& args);
/// Why a probe with these arguments cannot fail; empty when it can.
std::string why_probe_cannot_fail(const Args& args);
/// Traits of a probe of the service that the action names.
void probe_traits(const Context& context, const Action& action, Traits& traits);

/// `app` as it is after `version` was built and rolled out by whoever asked for it: a deploy, or a
/// push to a branch that it deploys from. Nothing goes live while a rollback pins production. Loads
/// the configuration that it reads.
Outcome roll_out(const Context& context, const World& world, ServiceIndex app,
                 const std::string& version, Hooks hooks = Hooks::run);

/// Whether its instances are replaced in turn when it goes to `version`, so that for a while two
/// versions serve.
bool rolls_in_turn(const Context& context, const World& world, ServiceIndex app,
                   const std::string& version);
/// The first instance is replaced by one of `version`, unless its hook fails.
void replace_one(const Context& context, const World& world, ServiceIndex app,
                 const std::string& version, Outcome& outcome, Hooks hooks = Hooks::run);

/// What a platform adds to the common app, as data.
struct Platform {
  std::string name;
  std::string help;
  std::vector<VerbRow> rows =
      {};  ///< its own verbs, and those that it does in another way than the common app
  std::vector<model::FieldSpec> fields = {};
  std::vector<std::string> incidental = {};
  std::vector<std::string> aliases = {};
  Features features = {};
};
std::unique_ptr<const Kind> make_app(Platform platform);

}  // namespace backout::services
