#pragma once
// backout::simulator: the rollback matrix, scenarios, campaigns, and plans in property tests.

#include "simulator/campaign/campaign.hpp"
#include "simulator/campaign/outcome.hpp"
#include "simulator/chooser.hpp"
#include "simulator/faults.hpp"
#include "simulator/matrix.hpp"
#include "simulator/predicate.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/testing/draw_plan.hpp"
#include "simulator/testing/drawn.hpp"
#include "simulator/testing/failing_examples.hpp"
#include "simulator/testing/plan_sketch.hpp"
#include "simulator/testing/plan_under_test.hpp"
#include "simulator/testing/script.hpp"
