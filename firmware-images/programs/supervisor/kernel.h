// Declarations that the parts of the test kernel share. Only the boot hart prints; the other harts count.
#pragma once
#include "../program.h"

// ---- SBI ----

#define SBI_SUCCESS 0
#define SBI_NOT_SUPPORTED -2
#define SBI_INVALID_PARAM -3
#define SBI_INVALID_ADDRESS -5
#define SBI_ALREADY_AVAILABLE -6

#define BASE 0x10
#define TIME 0x54494d45
#define IPI 0x735049
#define RFENCE 0x52464e43
#define HSM 0x48534d
#define SRST 0x53525354
#define DBCN 0x4442434e
// The legacy calls have no function.
enum { SET_TIMER, PUTCHAR, GETCHAR, CLEAR_IPI, SEND_IPI, REMOTE_FENCE_I, REMOTE_SFENCE_VMA, REMOTE_SFENCE_VMA_ASID };

enum { STARTED, STOPPED, START_PENDING, STOP_PENDING, SUSPENDED };
enum { HART_START, HART_STOP, HART_GET_STATUS, HART_SUSPEND };

struct answer { int error; word value; };
struct answer sbi(word extension, word function, word a0, word a1, word a2, word a3, word a4);
#define call(extension, function, ...) call_(extension, function, ##__VA_ARGS__, 0, 0, 0, 0, 0)
#define call_(extension, function, a0, a1, a2, a3, a4, ...) sbi(extension, function, a0, a1, a2, a3, a4)
#define error_of(...) ((word)call(__VA_ARGS__).error)
#define ALL_HARTS -1

// ---- harts ----

#define MAX_HARTS 8
#define SIE 2                                          // sstatus
#define SSI 2                                          // sip and sie
#define STI 0x20
#define SEI 0x200

extern word harts;
extern char secondary[];

word add(volatile word *at, word value);
void start_others(void);
void await_others(void);                               // until each hart has done its work
void all_do(void (*work)(word hart));                  // on every hart; returns when all have done it
_Noreturn void secondary_main(word hart, word opaque);

// Sleeps until a condition holds. An interrupt makes it hold.
#define sleep_until(condition) do { \
        clear_csr(sstatus, SIE); \
        while (!(condition)) { __asm__ volatile("wfi"); set_csr(sstatus, SIE); clear_csr(sstatus, SIE); } \
        set_csr(sstatus, SIE); \
    } while (0)

extern volatile word ipis[MAX_HARTS], ticks[MAX_HARTS], externals[MAX_HARTS];
extern void (*volatile on_external)(word source);

word in_user(word function, word argument);

// ---- translation ----

#define WINDOW 0x40000000                              // nothing else is there, on either board
extern word root[], leaves[];
void translate(void);                                  // maps memory at its own address, the window through `leaves`
void map(word page, const void *to, word flags);       // a page of the window; does not fence
#define V 1
#define R 2
#define W 4
#define X 8
#define USER 16
#define A 64
#define D 128

// ---- the device tree ----

const char *property(const char *tree, const char *node, const char *name, word *bytes);
word last_cell(const char *tree, const char *node, const char *name);
int is_same(const char *one, const char *other);

// ---- the tests ----

void test_boot_protocol(const char *tree);
void test_calls(const char *tree);
void test_hart_states(void);
void test_interrupts(void);
void test_fences(void);
void test_traps(void);
void test_legacy_calls(void);
void test_console(void);
void test_serial_input(void);
