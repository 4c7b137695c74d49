#pragma once
// backout::catalogue: what is known of command lines.

#include "catalogue/catalogue.hpp"
