// The port of Dhrystone, compiled with -DTIME: output, and its clock.
#include <stdarg.h>
#include <stdio.h>

void setStats(int enable) { (void)enable; }

void debug_printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

// Dhrystone repeats a measurement of less than two seconds with ten times the runs. The script chooses the runs, and measures
// the time from outside, so each reading is two seconds after the one before it.
long time(long *ignored)
{
    static long now;
    (void)ignored;
    return now += 2;
}
