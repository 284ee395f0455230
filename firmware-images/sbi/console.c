// The 16550A, by polling; the test finisher; and what there is to say when nothing else can be done.
#include "sbi.h"

#define RBR 0
#define THR 0
#define LSR 5
#define LSR_RECEIVED 1
#define LSR_TRANSMITTER_EMPTY 0x20
#define LONGEST_WAIT 1000000                        // for a transmitter that S-mode may have told to do anything

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

// How many bytes the line took.
word console_write(const byte *text, word bytes)
{
    word done = 0;
    take_turn(&lines);
    while (done < bytes && put(text[done])) done++;
    end_turn(&lines);
    return done;
}

// How many bytes there were.
word console_read(byte *into, word bytes)
{
    word done = 0;
    take_turn(&lines);
    while (done < bytes && platform.uart[LSR] & LSR_RECEIVED) into[done++] = platform.uart[RBR];
    end_turn(&lines);
    return done;
}

// Ends the run, or begins it anew. Returns false where nothing can.
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

// Takes no turn: whoever has it may be lost.
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
