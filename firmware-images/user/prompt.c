// A prompt on the serial line: it echoes words, adds numbers, shows keys one by one, and sleeps until Ctrl-C.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "syscalls.h"

enum { TCGETS = 0x5401, TCSETS = 0x5402, ICANON = 2, ECHO = 8 };

struct termios {
    unsigned iflag, oflag, cflag, lflag;
    unsigned char line, cc[19];
};

static int tty;

static void say(const char *text) { write(tty, text, strlen(text)); }

static void add(char *numbers)
{
    char text[32];
    long sum = 0;
    for (char *word = strtok(numbers, " "); word; word = strtok(NULL, " ")) sum += strtol(word, NULL, 10);
    snprintf(text, sizeof text, "%ld\n", sum);
    say(text);
}

// Reads keys without a line discipline, up to a q.
static void keys(void)
{
    struct termios old, raw;
    char key = 0, text[16];
    call3(SYS_ioctl, tty, TCGETS, &old);
    raw = old;
    raw.lflag &= ~(ICANON | ECHO);
    call3(SYS_ioctl, tty, TCSETS, &raw);
    while (key != 'q' && read(tty, &key, 1) == 1) {
        snprintf(text, sizeof text, "<%d>", key);
        say(text);
    }
    call3(SYS_ioctl, tty, TCSETS, &old);
    say("\n");
}

int main(void)
{
    char line[256];
    tty = open("/dev/ttyS0", O_RDWR);
    if (tty < 0) return 1;
    for (;;) {
        say("> ");
        int length = read(tty, line, sizeof line - 1);
        if (length <= 0) break;
        line[length] = 0;
        if (line[length - 1] == '\n') line[length - 1] = 0;
        if (!strncmp(line, "echo ", 5)) say(line + 5), say("\n");
        else if (!strncmp(line, "add ", 4)) add(line + 4);
        else if (!strcmp(line, "keys")) keys();
        else if (!strcmp(line, "exit")) break;
        else if (*line) say("echo, add, keys or exit?\n");
    }
    say("bye\n");
    return 0;
}
