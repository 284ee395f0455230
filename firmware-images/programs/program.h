// Declarations that the test programs share: output, the end, expected traps, and CSRs.
#pragma once
#include <stdint.h>

typedef uint32_t word;

extern volatile uint8_t uart0[];
extern volatile word finisher[], msip[], mtimecmp[], mtime[], plic[];
extern char uart_irq[], ram[], nowhere[];               // nothing answers in the page at nowhere

void put(char c);
void print(const char *text);
void hex(word value);
void decimal(word value);
_Noreturn void finish(int failures);

// Prints one line for a check: "ok NAME", or "FAILED NAME: GOT, not WANTED". Counts the failures; a program returns
// their number.
void check(const char *name, word got, word wanted);
extern int failures;

// The registers that a trap saves on the stack.
struct frame { word pc, x[31]; };
#define reg(n) x[(n) - 1]

// The last trap on each hart; its cause is NONE if there was none.
#define NONE 0x7fffffff
struct trapped { word cause, tval, epc, mode, status; };
extern volatile struct trapped last[8];

// Called first for every interrupt. Returns true if it has handled the interrupt.
typedef int (*interrupt_handler)(word cause);
extern volatile interrupt_handler on_interrupt;

// Returns the length of the instruction at pc. It cannot be used in a mode with translation, or at an address that
// cannot be read.
static inline word length_at(word pc) { return (*(volatile uint16_t *)pc & 3) == 3 ? 4 : 2; }

// Runs `function(argument)` in a lower mode until an ecall, and returns its a0. Exceptions on the way are recorded, and
// skip their instruction.
word in_mode(word mode, word (*function)(word), word argument);
#define U 0
#define S 1
#define M 3

#define read_csr(name) ({ word v_; __asm__ volatile("csrr %0, " #name : "=r"(v_) :: "memory"); v_; })
#define write_csr(name, value) __asm__ volatile("csrw " #name ", %0" :: "r"((word)(value)) : "memory")
#define set_csr(name, value) __asm__ volatile("csrs " #name ", %0" :: "r"((word)(value)) : "memory")
#define clear_csr(name, value) __asm__ volatile("csrc " #name ", %0" :: "r"((word)(value)) : "memory")
#define hart_id() ({ word v_; __asm__ volatile("mv %0, tp" : "=r"(v_)); v_; })

// Returns the cause of the trap that STATEMENT takes, or NONE.
#define cause_of(statement) ({ last[hart_id()].cause = NONE; __asm__ volatile("" ::: "memory"); statement; __asm__ volatile("" ::: "memory"); \
    last[hart_id()].cause; })
