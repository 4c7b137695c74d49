#include "simulator/campaign/walk.hpp"

#include <algorithm>

namespace backout::simulator {

WalkEnd Walker::run(Course::Node start, FaultScript faults, Draws& draws,
                    std::vector<Taken>* taken) {
  draws_ = &draws;
  taken_ = taken;
  node_ = start;
  now_ms_ = 0;
  flights_.clear();
  in_flight_ = {};
  records_.clear();
  last_record_ = -1;
  critical_.clear();
  fired_.clear();
  served_.clear();
  end_ = {};
  end_.verdict = course_.info(start).verdict;
  end_.why = course_.info(start).why;
  plan_events(faults);
  circles_ = {};
  while (!course_.info(node_).final && !circles_.found()) {
    if (course_.info(node_).take_over == Course::kNoMove) start_ready();
    if (course_.info(node_).final || circles_.found()) break;
    std::size_t flight = 0;
    switch (next_due(flight)) {
      case Due::flight:
        land(flight);
        break;
      case Due::traffic:
        serve();
        break;
      case Due::late:
        now_ms_ = std::max(now_ms_, late_ms_);
        go(course_.plain(node_, course_.info(node_).late), Move::Kind::late, {}, nullptr);
        break;
      case Due::killed:
        now_ms_ = std::max(now_ms_, killed_ms_);
        killed_ms_ = kNever;
        drop_flights();
        go(course_.plain(node_, course_.info(node_).killed), Move::Kind::killed, {}, nullptr);
        count_fault(Fault::killed);
        break;
      case Due::none:
        finish();
        break;
    }
  }
  if (!course_.info(node_).final) {
    const Judgement circle = course_.judge().endless();
    end_.verdict = circle.verdict;
    end_.why = circle.why;
  }
  end_.node = node_;
  end_.time_ms = now_ms_;
  trace_back();
  return end_;
}

/// Draws when things happen and what the first fault befalls.
void Walker::plan_events(FaultScript faults) {
  const Course::Info& info = course_.info(node_);
  const PathTime& path = timing_.paths[info.path];
  faults_ = faults;
  killed_ms_ = kNever;
  second_run_ = false;
  traffic_ms_.clear();
  for (std::uint8_t i = course_.state(node_).traffic_left; i > 0; --i) {
    traffic_ms_.push_back(draws_->time(path.likely_ms + path.likely_ms / 4));
  }
  std::ranges::sort(traffic_ms_, std::greater<>());
  late_ms_ = course_.state(node_).late != 0 ? draws_->time(path.likely_ms)
                                            : kNever;  // an effect of the deploy
  if (faults_.left == 0 || path.tasks.empty()) return;
  const std::uint32_t among = draws_->below(path.tasks.size() + 2);
  target_ = among;
  if (among == path.tasks.size() && may(Fault::killed)) killed_ms_ = draws_->time(path.likely_ms);
  if (among == path.tasks.size() + 1) second_run_ = may(Fault::second_run);
}

void Walker::start_ready() {
  while (true) {
    const Course::Info& info = course_.info(node_);
    TaskMask fresh = info.ready.without(in_flight_);
    if (fresh.none()) return;
    bool skipped = false;
    while (!fresh.none() && !skipped) {
      const std::size_t task = fresh.first();
      fresh.reset(task);
      if (info.may_skip.test(task) && draws_->coin()) {
        const std::string name =
            taken_ ? name_of(setting_.plan(), setting_.books().paths[info.path].tasks[task])
                   : std::string();
        go(course_.plain(node_, info.skip(task)), Move::Kind::skip, name, nullptr);
        skipped = true;  // the node is another one now
      } else {
        launch(task);
      }
    }
    if (!skipped || course_.info(node_).final || circles_.found()) return;
  }
}

std::int64_t Walker::attempt_ms(std::size_t task, std::optional<Fault> fault,
                                std::int64_t& check_ms) {
  const TaskTime& time = timing_.paths[course_.info(node_).path].tasks[task];
  check_ms = 0;
  if (fault == Fault::timeout_none || fault == Fault::timeout_applied || fault == Fault::late) {
    return time.timeout.draw(*draws_);
  }
  std::int64_t work = time.work.draw(*draws_);
  if (fault == Fault::slow) {
    const std::int64_t bound = time.timeout.high_ms();
    work = bound > 0 ? std::max(work, std::min(kSlowness * work, bound)) : kSlowness * work;
  }
  const bool breaks_off = fault == Fault::fail || fault == Fault::half || fault == Fault::down ||
                          fault == Fault::gone || fault == Fault::connected;
  if (breaks_off) return draws_->time(work);
  check_ms = time.check.draw(*draws_);
  return work + check_ms;
}

void Walker::launch(std::size_t task) {
  Flight flight;
  flight.task = static_cast<std::uint16_t>(task);
  flight.enabler = last_record_;
  if (faults_.left > 0 && task == target_) {
    std::uint32_t count = 0;
    const std::span<const Fault> kinds = course_.faults(node_, task);
    for (const Fault fault : kinds) count += may(fault) ? 1 : 0;
    const std::uint32_t slow = may(Fault::slow) ? 1 : 0;
    if (count + slow > 0) {
      std::uint32_t chosen = draws_->below(count + slow);
      if (chosen == count) flight.fault = Fault::slow;
      for (const Fault fault : kinds) {
        if (may(fault) && chosen-- == 0) flight.fault = fault;
      }
      if (flight.fault == Fault::half) {
        flight.part = static_cast<std::uint8_t>(
            draws_->below(std::min<std::size_t>(course_.parts(node_, task), 255)));
      }
    }
  }
  flight.end_ms = now_ms_ + attempt_ms(task, flight.fault, flight.check_ms);
  in_flight_.set(task);
  flights_.push_back(flight);
}

Walker::Due Walker::next_due(std::size_t& flight) const {
  const Course::Info& info = course_.info(node_);
  Due due = Due::none;
  std::int64_t first = kNever;
  if (flights_.empty()) first = info.take_over != Course::kNoMove ? taken_over_ms_ : now_ms_;
  for (std::size_t i = 0; i < flights_.size(); ++i) {
    if (flights_[i].end_ms > first ||
        (flights_[i].end_ms == first && flights_[i].task >= flights_[flight].task))
      continue;
    first = flights_[i].end_ms;
    flight = i;
    due = Due::flight;
  }
  if (!traffic_ms_.empty() && traffic_ms_.back() < first) {
    first = traffic_ms_.back();
    due = Due::traffic;
  }
  if (info.late != Course::kNoMove && late_ms_ < first) {
    first = late_ms_;
    due = Due::late;
  }
  // A run that stopped, or has not begun, has nobody who could die.
  if (killed_ms_ < first && info.killed != Course::kNoMove) due = Due::killed;
  return due;
}

void Walker::land(std::size_t index) {
  const Flight flight = flights_[index];
  const Course::Info& info = course_.info(node_);
  now_ms_ = std::max(now_ms_, flight.end_ms);
  std::optional<Fault> fault = flight.fault;
  const bool slow = fault == Fault::slow;  // changes no state
  if (slow) fault.reset();
  if (fault) {
    const std::span<const Fault> kinds = course_.faults(node_, flight.task);
    const bool still = std::ranges::find(kinds, *fault) != kinds.end() &&
                       (fault != Fault::half || flight.part < course_.parts(node_, flight.task));
    if (!still) fault.reset();
  }
  if (!info.ready.test(flight.task)) {  // jumped over while it ran
    remove(index);
    return;
  }
  const std::size_t move = info.run(flight.task);
  const std::uint16_t path = info.path;  // the course grows from here on
  const Course::Edge edge =
      fault ? course_.faulty(node_, move, *fault, flight.part) : course_.plain(node_, move);
  const std::span<const AttemptNote> notes = course_.attempts(edge);
  if (notes.size() > 1 && !flight.whole) {
    // Further attempts take their time before anybody hears of the end.
    Flight& longer = flights_[index];
    longer.whole = true;
    for (std::size_t i = 1; i < notes.size(); ++i) {
      longer.end_ms += attempt_ms(notes[i].task, std::nullopt, longer.check_ms);
    }
    return;
  }
  records_.push_back({flight.enabler, flight.task, path, flight.check_ms});
  last_record_ = static_cast<std::int32_t>(records_.size() - 1);
  remove(index);
  Flight done = flight;
  done.fault = fault;
  const bool had_late = course_.state(node_).late != 0;
  const TaskTime& time = timing_.paths[path].tasks[flight.task];
  const std::string name =
      taken_ ? name_of(setting_.plan(), setting_.books().paths[path].tasks[flight.task])
             : std::string();
  go(edge, Move::Kind::task, name, &done);
  if (fault || slow) count_fault(fault.value_or(Fault::slow));
  if (!had_late && course_.state(node_).late != 0)
    late_ms_ = now_ms_ + draws_->time(2 * time.timeout.high_ms());
}

void Walker::serve() {
  const std::int64_t at = traffic_ms_.back();
  traffic_ms_.pop_back();
  const Course::Info& info = course_.info(node_);
  if (info.serves == 0) return;
  now_ms_ = std::max(now_ms_, at);
  const std::uint32_t which = draws_->below(info.serves);
  const Course::Node before = node_;
  const std::string name =
      taken_ ? setting_.worlds().operation(course_.operation(node_, which)).name : std::string();
  go(course_.plain(node_, info.first_serve + which), Move::Kind::serve, name, nullptr);
  served_.push_back({before, node_, now_ms_, which});
}

/// Nothing is under way: a person takes over, the run ends, or it is run once more.
void Walker::finish() {
  const Course::Info& info = course_.info(node_);
  if (info.take_over != Course::kNoMove) {
    now_ms_ = std::max(now_ms_, taken_over_ms_);
    const Course::Edge edge = course_.plain(node_, info.take_over);
    for (const AttemptNote& note : course_.attempts(edge)) {
      std::int64_t check_ms = 0;
      now_ms_ += attempt_ms(note.task, note.fault, check_ms);
    }
    go(edge, Move::Kind::take_over, {}, nullptr);
    return;
  }
  if (second_run_ && info.second_run != Course::kNoMove) {
    second_run_ = false;
    go(course_.plain(node_, info.second_run), Move::Kind::second_run, {}, nullptr);
    count_fault(Fault::second_run);
    return;
  }
  go(course_.plain(node_, info.finish), Move::Kind::finish, {}, nullptr);
}

void Walker::go(Course::Edge edge, Move::Kind kind, const std::string& name, const Flight* flight) {
  const std::uint16_t path = course_.info(node_).path;
  if (taken_ != nullptr) {
    Taken step{kind, name, std::nullopt, 0, now_ms_};
    if (flight != nullptr) {
      step.fault = flight->fault;
      step.part = flight->part;
    }
    taken_->push_back(std::move(step));
  }
  node_ = edge.to;
  ++end_.transitions;
  circles_.comes_back(node_);
  const Course::Info& info = course_.info(node_);
  if (is_worse(info.verdict, end_.verdict) || (info.final && info.verdict == end_.verdict)) {
    end_.verdict = info.verdict;
    end_.why = info.why;
  }
  // Another path, a person or a fresh start: what was under way there is not what is under way
  // here.
  if (info.path != path || info.take_over != Course::kNoMove) drop_flights();
  if (info.take_over != Course::kNoMove && kind != Move::Kind::serve && kind != Move::Kind::late) {
    const std::int64_t respond = timing_.respond.draw(*draws_);
    const bool nobody = faults_.left > 0 && may(Fault::nobody) && draws_->coin();
    taken_over_ms_ = now_ms_ + (nobody ? kSlowness : 1) * respond;
    if (nobody) count_fault(Fault::nobody);
  }
}

void Walker::remove(std::size_t flight) {
  in_flight_.reset(flights_[flight].task);
  flights_[flight] = flights_.back();
  flights_.pop_back();
}

void Walker::drop_flights() {
  flights_.clear();
  in_flight_ = {};
}

void Walker::count_fault(Fault fault) {
  fired_.push_back(fault);
  --faults_.left;
  const PathTime& path = timing_.paths[course_.info(node_).path];
  if (faults_.left > 0) target_ = draws_->below(std::max<std::size_t>(path.tasks.size(), 1));
}

void Walker::trace_back() {
  for (std::int32_t at = last_record_; at >= 0;
       at = records_[static_cast<std::size_t>(at)].enabler) {
    const Record& record = records_[static_cast<std::size_t>(at)];
    if (record.path == course_.info(node_).path) critical_.push_back(record.task);
    end_.verify_ms += record.check_ms;
  }
}

}  // namespace backout::simulator
