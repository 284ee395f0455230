// Declarations that the parts of the firmware share. A hart's number is always below MAX_HARTS, and is in tp.
#pragma once

#define MAX_HARTS 32
#define STACK_SHIFT 10                              // 1 KiB for each hart

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t word;
typedef uint8_t byte;

// ---- the hart ----

#define read_csr(name) ({ word v_; __asm__ volatile("csrr %0, " #name : "=r"(v_) :: "memory"); v_; })
#define write_csr(name, value) __asm__ volatile("csrw " #name ", %0" :: "r"((word)(value)) : "memory")
#define set_csr(name, value) __asm__ volatile("csrs " #name ", %0" :: "r"((word)(value)) : "memory")
#define clear_csr(name, value) __asm__ volatile("csrc " #name ", %0" :: "r"((word)(value)) : "memory")
#define barrier() __asm__ volatile("fence iorw, iorw" ::: "memory")
#define wait_for_interrupt() __asm__ volatile("wfi" ::: "memory")

static inline word this_hart(void)
{
    word id;
    __asm__ volatile("mv %0, tp" : "=r"(id));
    return id;
}

// Bits of mip and mie.
#define SSIP (1 << 1)
#define MSIP (1 << 3)
#define STIP (1 << 5)
#define MTIP (1 << 7)
#define SEIP (1 << 9)

// ---- the contents of the device tree (devicetree.c) ----

struct range { word first, last; };                 // bytes, both inclusive: RAM may end where addresses do

#define MAX_MEMORIES 4
#define MAX_PROTECTED 6

extern struct platform {
    word harts;                                     // a bit for each hart
    word with_sstc;                                 // a bit for each hart with an S-mode timer
    volatile word *msip[MAX_HARTS], *mtimecmp[MAX_HARTS];
    volatile byte *uart;
    volatile word *finisher;
    struct range memory[MAX_MEMORIES];
    struct range protected[MAX_PROTECTED];          // from S- and U-mode: the firmware, then M-mode's interrupt devices
    int memories, protections;
} platform;

extern byte __firmware_start[], __firmware_end[], __bss_start[], __bss_end[];

void learn_platform(const byte *tree);
bool is_payload_memory(word address, word bytes);   // true for RAM outside the firmware
void reserve_firmware(byte *tree);                  // adds a node to /reserved-memory

// The parts of a flattened device tree, which is big-endian (Devicetree Specification, chapter 5).
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE 2
#define FDT_PROP 3
#define FDT_NOP 4
#define FDT_END 9
enum { FDT_MAGIC, FDT_TOTALSIZE, FDT_STRUCT, FDT_STRINGS, FDT_RESERVATIONS, FDT_VERSION, FDT_LAST_COMPATIBLE, FDT_BOOT_HART, FDT_STRINGS_SIZE, FDT_STRUCT_SIZE };

static inline word big_endian(const void *at)
{
    const byte *b = at;
    return (word)b[0] << 24 | (word)b[1] << 16 | (word)b[2] << 8 | b[3];
}

static inline word header(const byte *tree, int field) { return big_endian(tree + 4 * field); }

bool is_same(const char *one, const char *other);
struct property { const char *name; const byte *value; word bytes; };
word next_token(const byte *tree, word *at, struct property *property);

// ---- harts (harts.c) ----

// Requests that a hart serves in M-mode for another hart.
#define EVENT_IPI 1
#define EVENT_FENCE 2
#define EVENT_START 4

enum fence_kind { FENCE_I, SFENCE_VMA, SFENCE_VMA_ASID };
enum hart_state { STARTED, STOPPED, START_PENDING, STOP_PENDING, SUSPENDED, SUSPEND_PENDING, RESUME_PENDING };

void serve_interrupts(void);
void send_event(word harts, word event);
void remote_fence(word harts, enum fence_kind kind, word start, word bytes, word asid);
void set_timer(word low, word high);
enum hart_state state_of(word hart);
void stop_all(void);                                // called before any other hart looks
bool start_hart(word hart, word address, word opaque);
_Noreturn void start_here(word address, word opaque);
_Noreturn void wait_to_be_started(void);
_Noreturn void stop_hart(void);
void suspend_hart(void);
_Noreturn void enter(word address, word a0, word a1);
bool load_as_caller(word address, word *value);

// Harts take turns in order of arrival, and serve other harts' events while they wait.
struct turnstile { word next, serving; };
void take_turn(struct turnstile *turnstile);
void end_turn(struct turnstile *turnstile);

// ---- the console, and the end of a run (console.c) ----

word console_write(const byte *text, word bytes);
word console_read(byte *into, word bytes);
bool finish(word how);
#define FINISH_FAIL (1 << 16 | 0x3333)
#define FINISH_PASS 0x5555
#define FINISH_RESET 0x7777
_Noreturn void die_of_trap(void);
_Noreturn void die(const char *why, word what);

void *memset(void *to, int value, size_t bytes);

// ---- SBI (calls.c) ----

struct registers { word x[32]; };                   // x[0] is not used
void sbi_call(struct registers *r);
#endif
