// The serial line both ways: loopback through the interrupt controller, then a line of input by polling, and one by
// interrupts.
#include "program.h"

#define RBR uart0[0]
#define IER uart0[1]
#define IIR uart0[2]
#define FCR uart0[2]
#define LCR uart0[3]
#define MCR uart0[4]
#define LSR uart0[5]
#define MSR uart0[6]
#define SCR uart0[7]

#define IRQ ((word)uart_irq)
#define CLAIM plic[0x200004 / 4]

static volatile word interrupts, identified;
static volatile char line[80];
static volatile int length;
static volatile int reading;

static int serve(word cause)
{
    if (cause != 0x8000000b) return 0;
    word source = CLAIM;
    if (source != IRQ) return 0;
    word why = IIR;
    if (why & 1) {                                     // a request that ended before its claim (QEMU on a busy host)
        CLAIM = source;
        return 1;
    }
    identified = why;
    if (reading) {
        while (LSR & 1) if (length < 79) line[length++] = RBR;
    } else {
        while (LSR & 1) (void)RBR;
        IER = 0;
    }
    interrupts++;
    CLAIM = source;
    return 1;
}

static void wait_for(word count)
{
    for (;;) {
        clear_csr(mstatus, 8);
        if (interrupts >= count) break;
        __asm__ volatile("wfi");
        set_csr(mstatus, 8);
    }
    set_csr(mstatus, 8);
}

static void show(const char *how)
{
    print(how);
    for (int i = 0; i < length; i++) put(line[i]);
    put('\n');
    length = 0;
}

int main(word hart)
{
    if (hart != 0) return 0;
    on_interrupt = serve;
    plic[IRQ] = 1;
    plic[0x2000 / 4] = 1 << IRQ;
    plic[0x200000 / 4] = 0;
    write_csr(mie, 1 << 11);
    set_csr(mstatus, 8);

    // The program cannot print while the divisor is visible or loopback is on.
    SCR = 0x5a;
    LCR = 0x83;
    RBR = 1;
    IER = 0;
    word divisor = RBR;
    LCR = 3;
    FCR = 7;
    word fifos = IIR, empty = LSR;
    MCR = 0x1b;
    word modem = MSR;
    RBR = 'L';
    while (!(LSR & 1)) { }
    word looped = RBR;
    RBR = 'i';
    IER = 1;
    wait_for(1);
    word byte_came = identified;
    IER = 2;
    wait_for(2);
    word transmitter_empty = identified;
    MCR = 0x0b;
    FCR = 7;
    check("scratch", SCR, 0x5a);
    check("divisor", divisor, 1);
    check("FIFOs are on", fifos & 0xc0, 0xc0);
    check("empty", empty & 0x61, 0x60);
    check("modem inputs in loopback", modem & 0xf0, 0xb0);
    check("loopback", looped, 'L');
    check("a received byte interrupts", byte_came & 0x06, 4);       // perhaps twice, because the byte was not read
    check("an empty transmitter interrupts", transmitter_empty & 0x0f, 2);

    for (char c = 0; c != '\n'; ) {
        while (!(LSR & 1)) { }
        c = RBR;
        if (c != '\n' && length < 79) line[length++] = c;
    }
    show("polled: ");
    reading = 1;
    IER = 1;
    while (length == 0 || line[length - 1] != '\n') {
        word before = interrupts;
        if (length == 0 || line[length - 1] != '\n') wait_for(before + 1);
    }
    IER = 0;
    length--;
    show("by interrupts: ");
    return failures;
}
