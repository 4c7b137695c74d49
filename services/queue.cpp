// A queue or a topic: Sidekiq, Celery, BullMQ, SQS, RabbitMQ, Kafka.
//
// What the real thing does: it keeps messages between the version that puts them and the one that
// takes them. At the moment of a rollback there is a backlog, and the old consumers meet what the
// new producers put; they fail and retry for ever, or put it aside (dead letters). A purge cannot
// be undone. What failed or is scheduled waits in sets of its own, which a drain does not see: it
// comes back in its format when its time has come (Sidekiq "Error Handling", "Scheduled Jobs";
// BullMQ "Delayed"; Celery "ETA and Countdown"). A topic is read again from an older offset: every
// message is taken a second time, the old formats too. A schema registry in BACKWARD mode, the
// default, promises nothing about old consumers (Confluent, "Schema Evolution and Compatibility";
// AWS SQS, "Dead-letter queues", "PurgeQueue"). Its brokers may go back until what only the newer
// ones know is let in, and never after: `metadata.version` or `inter.broker.protocol.version` of
// Kafka ("Upgrading"), the feature flags of RabbitMQ ("Feature Flags", "Upgrading"). What this fake
// leaves out: how many messages, their order, partitions, visibility timeouts.
//
// Facts: paused, dead.* (put aside), engine, data_of; entries.*, done.*, later.* (kept back) are
// not essential.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/mention.hpp"
#include "services/amend.hpp"
#include "services/engine.hpp"
#include "services/entries.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kQueueFormat{"format", "Only messages of this format (default all)."};
constexpr TextArg kQueueTo = TextArg("to", "The format that every message has then.").required();
constexpr TextArg kQueueSince = TextArg("since", "Offset or time to go back to.").required();

constexpr const char* kKeptBack = "kept_back";

/// The formats that lie in the queue and that nobody who works now takes.
std::vector<std::string> stuck(const Call& call, const Record& now) {
  bool any = false;
  const std::vector<std::string> taken =
      read_now(call.context, call.world, call.action.service, any);
  std::vector<std::string> left;
  for (const std::string& format : formats_in(now)) {
    if (std::ranges::find(taken, format) == taken.end()) left.push_back(format);
  }
  return left;
}

/// Whether messages are kept back before they are taken; a drain does not wait for those.
bool keeps_back(const model::Service& self) {
  return self.fields.has(kKeptBack) && self.fields.text(kKeptBack) != "0s";
}

/// What workers leave of `now` when they have taken all that is there: `left` of it.
Outcome worked_off(const Call& call, const Record& now, const Record& left) {
  if (now.get("paused") == "true")
    return Outcome::refused(
        fmt::format("'{}' is paused: nothing takes its messages", call.self.name));
  const std::vector<std::string> foreign = stuck(call, now);
  if (std::ranges::any_of(foreign, is_unknown_format))
    return Outcome::opaque(fmt::format(
        "of which format the messages of '{}' are, the plan does not say", call.self.name));
  if (!foreign.empty() && call.field(kForeign) == "dead_letter")
    return call.becomes(settled_entries(put_aside(now, foreign), {}));
  if (!foreign.empty()) {
    return Outcome::refused(fmt::format("'{}' does not get empty: nobody who works now takes {}",
                                        call.self.name, fmt::join(foreign, ", ")));
  }
  return call.becomes(left);
}

Outcome drain(const Call& call) {
  if (formats_in(call.now).empty()) return Outcome::done();
  const bool keeps = keeps_back(call.self);
  Outcome outcome = worked_off(
      call, call.now, keeps ? taken_but_for_later(call.now) : settled_entries(call.now, {}));
  if (outcome.ok() && call.self.fields.is_unknown(kKeptBack)) {
    outcome.result = Outcome::Result::opaque;
    outcome.message = fmt::format(
        "how long messages of '{}' may be kept back, the plan does not say (`kept_back`)",
        call.self.name);
  }
  return outcome;
}

/// Waits until whatever was kept back has come, and was taken.
Outcome wait_kept_back(const Call& call) {
  if (!call.self.fields.has(kKeptBack) || call.self.fields.is_unknown(kKeptBack))
    return Outcome::opaque(fmt::format(
        "how long messages of '{}' may be kept back, the plan does not say (`kept_back`)",
        call.self.name));
  if (formats_to_come(call.now).empty()) return Outcome::done();
  const Record all = come(call.now);
  return worked_off(call, all, settled_entries(all, {}));
}

/// Everything that was taken before, and what was put aside, is there again.
Record again(const Record& now, const std::vector<std::string>& areas) {
  Amended next = now;
  for (const std::string& area : areas) {
    for (const auto& [key, value] : now.facts()) {
      if (key.starts_with(area + '.'))
        next.without(key).with("entries" + key.substr(area.size()), value);
    }
  }
  return next;
}

Outcome replay(const Call& call) {
  if (!call.self.fields.has("keeps_taken") || call.self.fields.is_unknown("keeps_taken"))
    return Outcome::opaque(fmt::format(
        "what '{}' still holds of what was taken, the plan does not say (`keeps_taken`)",
        call.self.name));
  if (!call.self.fields.flag("keeps_taken"))
    return Outcome::refused(fmt::format("'{}' keeps nothing that was taken", call.self.name));
  return call.becomes(again(call.now, {"done"}));
}

/// Whether it is one that tries failed jobs again by itself, and nobody says for how long.
bool may_keep_back(const model::Service& self) {
  return !self.fields.has(kKeptBack) &&
         model::mentions(self.fields.text("provider"),
                         {"sidekiq", "celery", "bullmq", "bull", "resque", "delayed_job",
                          "good_job", "solid_queue", "faktory", "oban", "hangfire"});
}

Engines engines_of_queue() {
  return {.finalizes = true, .emptied = [](const Record& now) {
            return without_area(
                without_area(without_area(without_entries(now, ""), "done"), "later"), "dead");
          }};
}

std::vector<VerbRow> verbs_of_queue() {
  const auto held = [](const Context& context, const Action& action) {
    return "work of " + context.plan().services[action.service].name;
  };
  const auto paused = [](const char* to) {
    return [to](const Call& call) { return call.becomes(call.now.with("paused", to)); };
  };
  const auto undo = [](const Call& call) {
    return call.back(call.now.get("paused") == "true" ? "pause" : "resume");
  };
  return {
      {{"pause", {}, "Nobody takes messages from now on; they are still put."},
       paused("true"),
       undo,
       [=](const Context& context, const Action& action, Traits& traits) {
         traits.acquires = {held(context, action)};
       }},
      {{"resume", {}, "Messages are taken again."},
       paused("false"),
       undo,
       [=](const Context& context, const Action& action, Traits& traits) {
         traits.releases = {held(context, action)};
       }},
      {{"drain", {}, "Waits until it is empty: those who work now must take every format in it."},
       drain,
       [](const Call& call) {
         return call.field(kForeign) == "dead_letter"
                    ? Undo{Undo::Class::conditional,
                           "nothing was put aside",
                           {same_service(call.action, "redrive", {})}}
                    : nothing_to_undo();
       },
       [](const Context& context, const Action& action, Traits& traits) {
         if (may_keep_back(context.plan().services[action.service]))
           traits.leaves = {
               "whether messages are kept back that come later (retries, scheduled jobs), the plan "
               "does not say (`kept_back`)"};
       },
       {},
       [](const Context& context, const Action& action) {
         return itself_and(context, action, {users_of(context, action.service), {}});
       }},
      {{"wait_kept_back",
        {},
        "Waits until what was kept back (retries, scheduled jobs) has come and was taken."},
       wait_kept_back,
       changes_nothing,
       no_traits,
       {},
       [](const Context& context, const Action& action) {
         return itself_and(context, action, {users_of(context, action.service), {}});
       }},
      {{"purge", {kQueueFormat}, "Deletes messages for good."},
       [](const Call& call) {
         const std::string only = call.arg(kQueueFormat);
         const Record next = without_entries(call.now, only);
         if (!keeps_back(call.self)) return call.becomes(next);
         std::vector<std::string> there = formats_in(call.now);
         if (!only.empty())
           std::erase_if(there, [&](const std::string& format) { return format != only; });
         return call.becomes(with_rest_for_later(next, there));
       },
       [](const Call& call) {
         return formats_in(call.now).empty() ? nothing_to_undo()
                                             : no_undo("purged messages are gone");
       },
       [](const Context& context, const Action& action, Traits& traits) {
         traits.destroys = "the messages in " + context.plan().services[action.service].name;
       }},
      {{"redrive", {}, "Puts the dead letters back into the queue."},
       [](const Call& call) { return call.becomes(again(call.now, {"dead"})); },
       [](const Call&) {
         return Undo{Undo::Class::conditional, "nobody takes them meanwhile", {}};
       },
       no_traits},
      {{"convert", {kQueueTo}, "Rewrites the messages that wait in another format."},
       [](const Call& call) { return call.becomes(converted(call.now, call.arg(kQueueTo))); },
       [](const Call& call) {
         const std::vector<std::string> formats = formats_in(call.now);
         if (formats.empty() || (formats.size() == 1 && formats.front() == call.arg(kQueueTo)))
           return nothing_to_undo();
         return formats.size() == 1 ? call.back("convert", {{kQueueTo.name(), formats.front()}})
                                    : no_undo("which message had which format, nobody recorded");
       },
       no_traits},
      {{"replay", {kQueueSince}, "Reads from an older offset: what was taken is taken again."},
       replay,
       [](const Call&) { return no_undo("messages that were taken twice cannot be untaken"); },
       [](const Context& context, const Action& action, Traits& traits) {
         if (context.plan().services[action.service].fields.flag("deduplicates")) return;
         traits.not_repeatable = "every message is taken once more";
         traits.leaves = {"what was done for a message that is taken again is done twice"};
       }}};
}

KindRow queue_row() {
  KindRow row;
  row.name = "queue";
  row.help =
      "Messages in flight, in formats: Sidekiq, Celery, BullMQ, SQS, RabbitMQ, a Kafka topic.";
  row.fields = entry_fields(
      {"fails", "dead_letter"},
      "What becomes of a message in a format that its taker does not take (default fails).",
      {field("schemas", ValueType::strings, "Formats in the order in which the registry got them."),
       choice("compatibility",
              {"none", "backward", "backward_transitive", "forward", "forward_transitive", "full",
               "full_transitive"},
              "Mode of the schema registry: what takers of one format take besides."),
       field("keeps_taken", ValueType::boolean,
             "Messages that were taken stay readable (a topic)."),
       field(kKeptBack, ValueType::duration,
             "How long messages may be kept back before they are taken: retries, scheduled jobs, "
             "`eta`, delays. A drain does not wait for those (default: none are)."),
       field("deduplicates", ValueType::boolean, "Taking a message twice does no harm."),
       field("provider", ValueType::string, "Who runs it."),
       field("location", ValueType::string, "Failure domain that it lives in.")});
  for (model::FieldSpec& each : engine_fields(engines_of_queue()))
    row.fields.push_back(std::move(each));
  row.verbs = verbs_of_queue();
  for (VerbRow& each : engine_rows(engines_of_queue())) row.verbs.push_back(std::move(each));
  row.aliases = {"topic", "kafka", "rabbitmq", "sqs", "sidekiq", "celery", "bullmq"};
  row.incidental = entry_areas();
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    check_held_formats(context.plan().services[self], mistakes);
    return with_engine(context.plan().services[self],
                       with_entries(context.plan(), self, Record().with("paused", "false")));
  };
  row.operate = use_messages;
  row.data = [](const Plan&, ServiceIndex, const Record& record) { return entry_data(record); };
  return row;
}

}  // namespace

const Kind& kind_queue() {
  static const std::unique_ptr<const Kind> kKind = make_kind(queue_row());
  return *kKind;
}

}  // namespace backout::services
