#pragma once
// backout::reports: what was found, in every format.

#include "reports/causes.hpp"
#include "reports/findings.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"
#include "reports/rules.hpp"
#include "reports/summary.hpp"
