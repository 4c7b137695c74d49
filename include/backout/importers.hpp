#pragma once
// backout::importers: runbooks, scripts, repositories and migrations as facts.

#include "importers/document/document.hpp"
#include "importers/document/facts.hpp"
#include "importers/document/pipeline.hpp"
#include "importers/draft/draft.hpp"
#include "importers/migrations/import.hpp"
#include "importers/repository/repository.hpp"
