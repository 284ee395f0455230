// The 16550A, by polling; the test finisher; and the last message of a firmware that cannot go on.
#include "sbi.h"

#define RBR 0
#define THR 0
#define LSR 5
#define LSR_RECEIVED 1
#define LSR_TRANSMITTER_EMPTY 0x20
#define LONGEST_WAIT 1000000                        // S-mode may have set up the transmitter in any way

static struct turnstile lines;

static bool put(byte c)
{
    for (int tries = LONGEST_WAIT; tries; tries--) {
        if (platform.uart[LSR] & LSR_TRANSMITTER_EMPTY) {
            platform.uart[THR] = c;
            return true;
        }
    }
    return false;
}

// Returns the number of bytes written.
word console_write(const byte *text, word bytes)
{
    word done = 0;
    take_turn(&lines);
    while (done < bytes && put(text[done])) done++;
    end_turn(&lines);
    return done;
}

// Returns the number of bytes read.
word console_read(byte *into, word bytes)
{
    word done = 0;
    take_turn(&lines);
    while (done < bytes && platform.uart[LSR] & LSR_RECEIVED) into[done++] = platform.uart[RBR];
    end_turn(&lines);
    return done;
}

// Ends or restarts the run. Returns false if the machine has no test finisher.
bool finish(word how)
{
    if (!platform.finisher) return false;
    *platform.finisher = how;
    for (;;) wait_for_interrupt();
}

static void say(const char *text)
{
    while (platform.uart && *text) put(*text++);
}

// Takes no turn: the hart that has it may be lost.
_Noreturn void die(const char *why, word what)
{
    static const char digits[] = "0123456789abcdef";
    char number[] = "0x00000000\n";
    for (int i = 0; i < 8; i++) number[2 + i] = digits[what >> (28 - 4 * i) & 15];
    say("sbi: ");
    say(why);
    say(number);
    finish(FINISH_FAIL);
    write_csr(mie, 0);
    for (;;) wait_for_interrupt();
}
