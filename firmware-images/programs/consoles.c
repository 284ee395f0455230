// Two consoles as Linux has them: the driver of hvc0 gives its device buffers that no program reads, and a program waits
// on the serial line. It prints its line, and then what the buffers hold.
#include "virtqueue.h"

static struct device console;
static volatile uint8_t bytes[SIZE];

int main(word hart)
{
    char line[80];
    word length = 0;
    if (hart) return 0;
    check("the console is found and starts", find(&console, CONSOLE, 0) && start(&console, 0, 2, 0), 1);
    for (word i = 0; i < SIZE; i++) add(&console.queues[0], &(struct buffer) {&bytes[i], 1, WRITE}, 1);
    notify(&console.queues[0]);
    do {
        while (!(uart0[5] & 1)) { }
        line[length++] = uart0[0];
    } while (line[length - 1] != '\n' && length < sizeof line - 1);
    line[length] = 0;
    print("serial: ");
    print(line);
    collect(&console.queues[0]);
    print("hvc0: ");
    for (word i = 0; i < SIZE && console.queues[0].done[i]; i++) put(bytes[i]);
    put('\n');
    return failures;
}
