// The console, both ways: through the SBI, and then through the UART's interrupts.
#include "kernel.h"

#define IRQ ((word)uart_irq)
#define MAX_LINE 100

static volatile char line[MAX_LINE];
static volatile word length;
static word last_hart;

static void show(const char *how)
{
    print(how);
    for (word i = 0; i < length; i++) put(line[i]);
    put('\n');
    length = 0;
}

// Writes all of a text. A call may take less than it is given.
static void say(const char *text)
{
    word bytes = 0;
    while (text[bytes]) bytes++;
    while (bytes) {
        struct answer answer = call(DBCN, 0, bytes, (word)text, 0);
        if (answer.error || answer.value > bytes) return;
        text += answer.value;
        bytes -= answer.value;
    }
}

void test_console(void)
{
    static const char text[] = "written through the firmware\n";
    static char much[601];
    say(text);
    check("a byte", error_of(DBCN, 2, 'x'), SBI_SUCCESS);
    for (word i = 0; i < sizeof much - 1; i++) much[i] = i % 50 == 49 ? '\n' : 'a' + i % 25;
    struct answer answer = call(DBCN, 0, 100, (word)much, 0);
    check("a hundred", answer.error == SBI_SUCCESS && answer.value == 100, 1);
    say(much);
    while (length < MAX_LINE && (!length || line[length - 1] != '\n')) {
        int c = length % 2 ? call(GETCHAR, 0).error : -1;
        if (c >= 0) line[length++] = c;
        else length += call(DBCN, 1, 1, (word)&line[length], 0).value;
    }
    length--;
    show("read through the firmware: ");
}

static void receive(word source)
{
    if (source != IRQ) return;
    while (uart0[5] & 1) {
        char c = uart0[0];
        if (length < MAX_LINE) line[length++] = c;
        if (c == '\n') uart0[1] = 0;                   // leaves the next line to the next reader
    }
}

static void await_line(word hart) { if (hart == last_hart) sleep_until(length && line[length - 1] == '\n'); }

// Runs on the last hart.
void test_serial_input(void)
{
    last_hart = harts - 1;
    word context = 2 * last_hart + 1;
    on_external = receive;
    plic[(0x2000 + 0x80 * context) / 4] = 1 << IRQ;
    uart0[1] = 1;
    all_do(await_line);
    plic[(0x2000 + 0x80 * context) / 4] = 0;
    check("and interrupts came", externals[last_hart] > 0, 1);
    length--;
    show("received by interrupts: ");
}
