// The port of Dhrystone, in place of the header of this name in riscv-tests. Dhrystone's own header, which has set the
// number of runs, comes before it.
#pragma once

#undef NUMBER_OF_RUNS
#define NUMBER_OF_RUNS ITERATIONS

void setStats(int enable);
