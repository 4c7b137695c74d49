#pragma once
// backout::model: plans, loaded from text, with every mistake and its place.

#include "model/catalog.hpp"
#include "model/finding.hpp"
#include "model/load.hpp"
#include "model/migration.hpp"
#include "model/objective.hpp"
#include "model/plan.hpp"
#include "model/render.hpp"
#include "model/schedule.hpp"
#include "model/source.hpp"
