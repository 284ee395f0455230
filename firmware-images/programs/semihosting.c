// Calls of semihosting, whose results are printed by semihosting too. With the argument "alone" it also makes those that
// QEMU 7.2 answers otherwise, with "hostile" wrong ones, and with "wait" it keeps a file open while it counts.
#include "program.h"

enum { OPEN = 1, CLOSE, WRITEC, WRITE0, WRITE, READ, READC, ISERROR, ISTTY, SEEK, FLEN = 12, REMOVE = 14, RENAME, CLOCK,
    TIME, SYSTEM, ERRNO, GET_CMDLINE = 21, HEAPINFO, EXIT = 24, EXIT_EXTENDED = 32, ELAPSED = 48, TICKFREQ };

word host(word call, const volatile void *parameter);
__asm__("    .text\n    .balign 16\n    .option push\n    .option norvc\n"
        "host:\n    slli x0, x0, 0x1f\n    ebreak\n    srai x0, x0, 7\n    ret\n    .option pop\n");

#define call(number, ...) host(number, (const volatile word[]) {__VA_ARGS__})

static word length(const char *text)
{
    word n = 0;
    while (text[n]) n++;
    return n;
}

static void say(const char *name, word value)
{
    char line[80], *at = line;
    while (*name) *at++ = *name++;
    *at++ = ' ';
    for (int shift = 28; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[value >> shift & 15];
    *at++ = '\n';
    *at = 0;
    host(WRITE0, line);
}

static word open_file(const char *name, word mode) { return call(OPEN, (word)name, mode, length(name)); }
static word write_file(word file, const char *text) { return call(WRITE, file, (word)text, length(text)); }

static void files(void)
{
    static char in[32];
    word file = open_file("notes.txt", 4);
    say("opened", file != -1u && file != 0);
    say("left of a write", write_file(file, "hello, host\n"));
    say("length", call(FLEN, file));
    say("a terminal", call(ISTTY, file));
    say("close", call(CLOSE, file));
    say("close again", call(CLOSE, file));
    say("errno", host(ERRNO, 0));

    file = open_file("notes.txt", 0);
    say("left of a read", call(READ, file, (word)in, 5));
    say("read", *(word *)in);
    say("seek", call(SEEK, file, 7));
    say("left of a long read", call(READ, file, (word)in, 32));
    say("read", *(word *)in);
    say("left at the end", call(READ, file, (word)in, 32));
    say("write to a file for reading", write_file(file, "no"));
    call(CLOSE, file);

    file = open_file("notes.txt", 2);
    say("seek", call(SEEK, file, 7));
    say("left of an update", write_file(file, "HOST"));
    say("length", call(FLEN, file));
    call(CLOSE, file);

    say("missing", open_file("missing.txt", 0));
    say("errno", host(ERRNO, 0));
    say("rename", call(RENAME, (word)"notes.txt", 9, (word)"kept.txt", 8));
    call(CLOSE, open_file("gone.txt", 4));
    say("remove", call(REMOVE, (word)"gone.txt", 8));
    say("removed", open_file("gone.txt", 0));
    say("remove again", call(REMOVE, (word)"gone.txt", 8) != 0);
    say("a mode that does not exist", open_file("kept.txt", 12));
}

// What QEMU 7.2 does otherwise: it appends at the start, and its console is no terminal.
static void appended_and_typed(void)
{
    char c = 0;
    word file = open_file("kept.txt", 8);
    say("left of an append", write_file(file, "more\n"));
    say("length", call(FLEN, file));
    call(CLOSE, file);
    word out = open_file(":tt", 4), in = open_file(":tt", 0);
    say("a terminal", call(ISTTY, out));
    say("left of a write", write_file(out, "to the terminal\n"));
    host(WRITEC, "!");
    host(WRITEC, "\n");
    say("readc", host(READC, 0));
    say("left of a read", call(READ, in, (word)&c, 1));
    say("read", c);
    say("readc at the end", host(READC, 0));
    say("left of a read at the end", call(READ, in, (word)&c, 1));
    say("write to the input", write_file(in, "no"));
    say("read from the output", call(READ, out, (word)&c, 1));
    say("seek", call(SEEK, in, 0));
    call(CLOSE, out);
    call(CLOSE, in);
}

static void facts(void)
{
    static char magic[8];
    word file = open_file(":semihosting-features", 0);
    say("length of the features", call(FLEN, file));
    call(READ, file, (word)magic, 4);
    say("their magic number", *(word *)magic);
    call(CLOSE, file);
    say("an error", call(ISERROR, -5) != 0);
    say("no error", call(ISERROR, 5));
    static word ticks[4], heap[4];
    say("elapsed", host(ELAPSED, ticks));
    say("clock", host(CLOCK, 0) < 1000000);
    for (int i = 0; i < 1000 && ticks[2] <= ticks[0]; i++) host(ELAPSED, ticks + 2);
    say("time goes on", ticks[2] > ticks[0] && ticks[3] == ticks[1]);
    say("ticks a second", host(TICKFREQ, 0) >= 1000);
    say("heap", call(HEAPINFO, (word)heap));
    say("heap in RAM", heap[0] >= (word)ram && heap[1] > heap[0] && heap[2] > heap[0]);
}

// ---- wrong calls ----

static void hostile(void)
{
    static char in[4];
    static const char *const ways[] = {"../outside", "/etc/passwd", "link", "folder/../../outside", "folder", "folder/link/x", ".",
        "", "folder/../inside", "pipe", "linked/inside", 0};
    for (int i = 0; ways[i]; i++) {
        say(ways[i], open_file(ways[i], 4));
        say("errno", host(ERRNO, 0));
    }
    say("remove outside", call(REMOVE, (word)"../outside", 10));
    say("rename outside", call(RENAME, (word)"inside", 6, (word)"../outside", 10));
    say("a name of zeroes", call(OPEN, (word)"a\0b", 4, 3));
    say("a long name", call(OPEN, (word)ram, 4, 0x10000));
    say("a length of -1", call(OPEN, (word)ram, 4, -1));
    say("errno", host(ERRNO, 0));
    say("a block without memory", host(OPEN, nowhere));
    say("errno", host(ERRNO, 0));
    say("a block at the end of addresses", host(OPEN, (void *)0xfffffffc));
    say("text without memory", host(WRITE0, nowhere));
    say("a character without memory", host(WRITEC, (void *)0xffffffff));
    word file = open_file("inside", 6);
    say("a file", file != -1u);
    say("write from nowhere", call(WRITE, file, (word)nowhere, 16));
    say("write too much", call(WRITE, file, (word)ram, -1));
    say("read to nowhere", call(READ, file, (word)nowhere, 16));
    say("length", call(FLEN, file));
    write_file(file, "inside\n");
    say("seek", call(SEEK, file, 0));
    say("read to nowhere", call(READ, file, (word)nowhere, 4));
    say("read", call(READ, file, (word)in, 4));
    say("of", *(word *)in);
    say("seek before the start", call(SEEK, file, -1));
    say("seek to the last byte", call(SEEK, file, 0x7fffffff));
    say("write there", write_file(file, "x"));
    say("errno", host(ERRNO, 0));
    say("a handle that is none", call(FLEN, 0x7fffffff));
    say("a negative handle", call(ISTTY, -1));
    say("a call that does not exist", host(0x7777, 0));
    say("a command of the host", call(SYSTEM, (word)"true", 4));
    say("errno", host(ERRNO, 0));
    word open = 1;
    while (open < 1000 && open_file("inside", 0) != -1u) open++;
    say("open files", open);
    say("errno", host(ERRNO, 0));
}

static word from_user(word unused)
{
    (void)unused;
    return cause_of(host(CLOCK, 0));
}

static void ordinary_breakpoints(void)
{
    say("from U", in_mode(U, from_user, 0));
    say("from S", in_mode(S, from_user, 0));
    say("ebreak", cause_of(__asm__ volatile(".option push\n .option norvc\n ebreak\n .option pop")));
    say("c.ebreak", cause_of(__asm__ volatile(".option push\n .option norvc\n slli x0, x0, 0x1f\n .option rvc\n c.ebreak\n c.nop\n"
        " .option norvc\n srai x0, x0, 7\n .option pop")));
    say("another mark", cause_of(__asm__ volatile(".option push\n .option norvc\n slli x0, x0, 0x1e\n ebreak\n srai x0, x0, 7\n"
        " .option pop")));
}

static int has(const char *text, const char *word)
{
    for (; *text; text++) {
        int n = 0;
        while (word[n] && text[n] == word[n]) n++;
        if (!word[n]) return 1;
    }
    return 0;
}

int main(word hart)
{
    if (hart) return 0;
    static char line[128];
    static word block[2];
    block[0] = (word)line;
    block[1] = sizeof line;
    say("command line", host(GET_CMDLINE, block));
    if (has(line, "hostile")) {
        hostile();
        ordinary_breakpoints();
        host(EXIT, (void *)0x20023);
    } else if (has(line, "wait")) {
        word file = open_file("counted.txt", 4);
        for (char i = '0'; i <= '9'; i++) {
            write_file(file, (char[]) {i, 0});
            for (volatile int wait = 0; wait < 1000; wait++) { }
        }
        call(CLOSE, file);
    } else {
        files();
        if (has(line, "alone")) appended_and_typed();
        facts();
        ordinary_breakpoints();
    }
    call(EXIT_EXTENDED, 0x20026, 0);
    return 99;
}
