// A small S-mode kernel that tests the SBI and the board that it runs on. Its command line chooses how the run ends.
#include "kernel.h"

_Noreturn static void end(const char *tree)
{
    word ignored;
    const char *how = property(tree, "chosen", "bootargs", &ignored);
    if (!how) how = "";
    if (is_same(how, "reboot")) call(SRST, 0, 1, 0);
    if (is_same(how, "panic")) call(SRST, 0, 1, 1);
    if (is_same(how, "fail")) call(SRST, 0, 0, 1);
    if (is_same(how, "syscon-poweroff")) finisher[last_cell(tree, "poweroff", "offset") / 4] = last_cell(tree, "poweroff", "value");
    if (is_same(how, "syscon-reboot")) finisher[last_cell(tree, "reboot", "offset") / 4] = last_cell(tree, "reboot", "value");
    call(SRST, 0, 0, failures != 0);
    print("FAILED to end\n");
    for (;;) { }
}

_Noreturn void main(word hart, const char *tree, word status, word translation)
{
    check("the hart that boots", hart, 0);
    check("interrupts are off", status & SIE, 0);
    check("nothing is translated", translation, 0);
    test_boot_protocol(tree);
    translate();
    test_calls(tree);
    test_hart_states();
    start_others();
    print("harts ");
    decimal(harts);
    put('\n');
    test_interrupts();
    test_fences();
    test_traps();
    test_legacy_calls();
    test_console();
    test_serial_input();
    print(failures ? "FAILED\n" : "all is well\n");
    end(tree);
}
