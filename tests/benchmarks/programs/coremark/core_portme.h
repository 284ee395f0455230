// The port of CoreMark: its configuration, with the names that CoreMark's own files use.
#ifndef CORE_PORTME_H
#define CORE_PORTME_H

#include <stddef.h>
#include <stdint.h>

#define HAS_FLOAT 0
#define HAS_TIME_H 0
#define USE_CLOCK 0
#define HAS_STDIO 1
#define HAS_PRINTF 1
#define MAIN_HAS_NOARGC 1
#define MAIN_HAS_NORETURN 0
#define MULTITHREAD 1
#define SEED_METHOD SEED_VOLATILE
#define MEM_METHOD MEM_STATIC
#define MEM_LOCATION "STATIC"
#define COMPILER_VERSION "GCC" __VERSION__
#define COMPILER_FLAGS "-O2"

typedef signed char ee_s8;
typedef unsigned char ee_u8;
typedef short ee_s16;
typedef unsigned short ee_u16;
typedef int ee_s32;
typedef unsigned int ee_u32;
typedef uintptr_t ee_ptr_int;
typedef size_t ee_size_t;
typedef double ee_f32;
typedef uint64_t CORE_TICKS;

#define align_mem(address) ((void *)(((ee_ptr_int)(address) + 3) & ~(ee_ptr_int)3))

extern ee_u32 default_num_contexts;

typedef struct CORE_PORTABLE_S { ee_u8 portable_id; } core_portable;

void portable_init(core_portable *port, int *count, char *arguments[]);
void portable_fini(core_portable *port);

#endif
