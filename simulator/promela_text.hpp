#pragma once
// The parts of a Promela model that are the same for every plan: what the runner makes of the
// tables.

namespace backout::simulator {

/// Variables, and the types of the tables.
inline constexpr const char* kPromelaHead = R"(
int situation, deployed, begin;
int ended[WORDS], landed[WORDS];
byte phase = CHOOSING, faults, traffic;
short task;
bool again, began, faulted, opaque;

c_decl {
  enum { ENDS = 1, LANDS = 2, BEGINS = 4, OPAQUE = 8, RESTARTS = 16, STOPS = 32, TURNS = 256 };
  typedef struct { int to, asks, flags, faults, phase; } Turn;
  typedef struct { int at, ways; } Row;                  /* turns[at] and so on, ways of them */
  typedef struct { int place; Row row; } Person;         /* sorted by place; the last has the place -1 */
  typedef struct { const Turn *turns; const Row *tasks, *others; const Person *persons;
                   const signed char *verdicts; int path, late; } Situation;
  typedef struct { int ended[WORDS], landed[WORDS], deployed, small, flags; } Progress;
  typedef struct { int asks; Progress before; int to; Progress after; } Answer;
  typedef struct { int to; Progress at; } Begin;
}
)";

/// Relation::expand and Relation::judge, read from the tables.
inline constexpr const char* kPromelaBody = R"(
c_code {
  static void fail(const char *what) { printf("%s\n", what); exit(1); }

  static Progress progress(void) {
    Progress p;
    int i;
    for (i = 0; i < WORDS; i++) { p.ended[i] = now.ended[i]; p.landed[i] = now.landed[i]; }
    p.deployed = now.deployed;
    p.small = now.phase | now.task << 4 | now.faults << 16 | now.traffic << 24;
    p.flags = now.again | now.began << 1 | now.faulted << 2 | now.opaque << 3;
    return p;
  }
  static void become(int situation, const Progress *p) {
    int i;
    for (i = 0; i < WORDS; i++) { now.ended[i] = p->ended[i]; now.landed[i] = p->landed[i]; }
    now.situation = situation;
    now.deployed = p->deployed;
    now.phase = p->small & 15;
    now.task = p->small >> 4 & 4095;
    now.faults = p->small >> 16 & 255;
    now.traffic = p->small >> 24;
    now.again = p->flags & 1;
    now.began = p->flags >> 1 & 1;
    now.faulted = p->flags >> 2 & 1;
    now.opaque = p->flags >> 3 & 1;
  }

  static const Situation *here(void) { return &situations[now.situation >> 9][now.situation & 511]; }
  static int path(void) { return here()->path; }
  static int in(const int *set, int at) { return set[at >> 5] >> (at & 31) & 1; }
  static void add(int *set, int at) { set[at >> 5] |= 1u << (at & 31); }

  static int running(void) { return now.phase == RUNNING; }
  static int ready(int at) {
    const int *before;
    int i;
    if (!running() || at >= paths[path()].tasks || in(now.ended, at)) return 0;
    before = needs[path()] + at * WORDS;
    for (i = 0; i < WORDS; i++) if (before[i] & ~now.ended[i]) return 0;
    return 1;
  }
  static int any_left(void) {
    int i;
    for (i = 0; i < paths[path()].tasks; i++) if (!in(now.ended, i)) return 1;
    return 0;
  }
  static int any_ready(void) {
    int i;
    for (i = 0; i < paths[path()].tasks; i++) if (ready(i)) return 1;
    return 0;
  }
  static int may_fault(void) { return now.faults > 0 && !now.again && now.began; }
  static int others_may_move(void) { return now.phase == STOPPED || any_ready(); }

  static Row task_row(int at) {
    const int most = attempts[path()][at];
    const Row row = here()->tasks[at * paths[path()].budgets + (now.faults < most ? now.faults : most)];
    if (row.ways < 0) fail("a row of a task is missing");
    return row;
  }
  static Row person_row(void) {
    const int place = now.task * 8 + in(now.landed, now.task) * 4 + (now.faults > 0) * 2 + (now.faulted && !now.again);
    const Person *person = here()->persons;
    while (person->place >= 0 && person->place != place) person++;
    if (person->place < 0) fail("a row of a person is missing");
    return person->row;
  }
  static Row other_row(int at) {
    if (here()->others[at].ways < 0) fail("a row of traffic, a late effect or a deadlock is missing");
    return here()->others[at];
  }

  /* Guards. */
  static int may_run(int at, int way) { return ready(at) && way < task_row(at).ways; }
  static int may_skip(int at) { return ready(at) && in(optional[path()], at); }
  static int may_serve(int way) {
    return now.traffic > 0 && others_may_move() && way < other_row(now.traffic == 1).ways;
  }
  static int may_land(void) { return here()->late && others_may_move(); }
  static int may_take_over(int way) { return now.phase == STOPPED && way < person_row().ways; }
  static int may_finish(void) { return running() && !any_left(); }
  static int may_run_twice(void) { return MAY_RUN_TWICE && running() && !any_left() && may_fault(); }
  static int may_be_killed(void) { return MAY_BE_KILLED && any_ready() && may_fault(); }
  static int may_wait(void) { return running() && any_left() && !any_ready(); }

  /* Effects. */
  static void start_over(void) {
    int i;
    for (i = 0; i < WORDS; i++) now.ended[i] = left_out[path()][now.deployed * WORDS + i];
    now.again = 1;
  }
  static void ask(int asks) {
    const Progress at = progress();
    const Answer *answer;
    int i;
    for (i = 0; (answer = &answers[i >> 9][i & 511])->asks >= 0; i++) {
      if (answer->asks != asks || memcmp(&answer->before, &at, sizeof at) != 0) continue;
      become(answer->to, &answer->after);
      return;
    }
    fail("an answer is missing");
  }
  static void turn(Row row, int way, int at) {
    const Turn *turn = here()->turns + row.at + way;
    if (turn->asks) { ask(turn->asks); return; }
    if (turn->flags & TURNS) now.phase = turn->phase;
    if (turn->flags & ENDS) add(now.ended, at);
    if (turn->flags & LANDS) add(now.landed, at);
    if (turn->flags & BEGINS) now.began = 1;
    if (turn->flags & OPAQUE) now.opaque = 1;
    if (turn->flags & STOPS) now.task = at;
    if (turn->flags & RESTARTS) start_over();
    if (turn->faults) { now.faults -= turn->faults; now.faulted = 1; }
    now.situation = turn->to;
  }
  static void serve(int way) { turn(other_row(now.traffic == 1), way, 0); now.traffic--; }
  static void restart(void) { start_over(); now.faults--; now.faulted = 1; }
  static void choose(void) {
    const Begin *from = &begin_at[now.begin >> 9][now.begin & 511];
    now.begin = 0;
    become(from->to, &from->at);
  }

  /* What a state is worth. Says once of each verdict that it was reached. */
  static int verdict(void) {
    const int stuck = now.phase == STUCK;
    const int over = stuck || now.phase == ENDED;
    static int said[VERDICTS];
    int place, known;
    if (!over && !now.began) return VERDICTS - 1;
    place = over ? 2 + now.opaque * 8 + stuck * 4 + in(now.landed, now.task) * 2 + now.began : now.faulted;
    known = here()->verdicts[place];
    if (known < 0) fail("a judgement is missing");
    if (!said[known]++) printf("reached: %s\n", verdict_names[known]);
    return known;
  }
  static int good(void) { return verdict() >= GOOD; }
}
)";

}  // namespace backout::simulator
