#pragma once
// backout::services: the meaning of actions, kinds of one's own, and what may be asked of a world.

#include "model/load.hpp"
#include "services/fact_list.hpp"
#include "services/registry.hpp"
#include "services/row_kind.hpp"
#include "services/service.hpp"
#include "services/world_view.hpp"
