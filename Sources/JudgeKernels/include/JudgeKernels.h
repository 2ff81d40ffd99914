/// Hot loops of the judge and of the statistics. Sealed against self-improvement.
#pragma once

#include "edge_values.h"
#include "input_values.h"
#include "interpreter.h"
#include "random_numbers.h"
#include "sequential_test.h"
#include "statistics.h"
#include "symbolic_nodes.h"
#include "symbolic_rules.h"
#include "symbolic_values.h"
