// From reset to the payload, and the traps that come from it.
#include "sbi.h"

// The record at a2 that QEMU and Ferrite leave (OpenSBI's struct fw_dynamic_info).
struct boot_info { word magic, version, next_address, next_mode, options, boot_hart; };
#define BOOT_INFO_MAGIC 0x4942534f
#define MODE_S 1

#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ECALL_FROM_S 9
#define INTERRUPT (1u << 31)
#define MSTATUS_SIE (1 << 1)
#define MSTATUS_SPIE (1 << 5)
#define MSTATUS_SPP (1 << 8)
#define MSTATUS_MPP_SHIFT 11

static bool is_boot_info(const struct boot_info *info) { return info && (word)info % 4 == 0 && info->magic == BOOT_INFO_MAGIC; }

// Runs on every hart, before any variable has a value.
_Noreturn void boot(word hart, byte *tree, const struct boot_info *info)
{
    word boot_hart = is_boot_info(info) && info->version >= 2 ? info->boot_hart : 0;
    if (hart != boot_hart) wait_to_be_started();
    memset(__bss_start, 0, __bss_end - __bss_start);
    stop_all();
    learn_platform(tree);
    if (!is_boot_info(info)) die("a2 leads to nothing that says where the payload is: ", (word)info);
    if (info->next_mode != MODE_S) die("the payload wants a mode that is not S: ", info->next_mode);
    if (!is_payload_memory(info->next_address, 4)) die("the payload is not in RAM outside the firmware: ", info->next_address);
    reserve_firmware(tree);
    start_here(info->next_address, (word)tree);
}

// Passes a trap from M-mode to S-mode, as if it had been delegated (privileged specification, section 4.1.1).
static void redirect(word cause)
{
    word status = read_csr(mstatus), from = status >> MSTATUS_MPP_SHIFT & 1, handler = read_csr(stvec) & ~3;
    // S-mode cannot fetch its handler, has no translation that could change, and no PMP entry ever changes. It would
    // trap for ever.
    if (cause == CAUSE_FETCH_ACCESS && read_csr(mepc) == handler && from == MODE_S && !(read_csr(satp) >> 31)) {
        die("nothing can be fetched where S-mode's trap handler should be: ", handler);
    }
    write_csr(scause, cause);
    write_csr(sepc, read_csr(mepc));
    write_csr(stval, read_csr(mtval));
    status = (status & ~(MSTATUS_SPP | MSTATUS_SPIE | 3 << MSTATUS_MPP_SHIFT)) | (status & MSTATUS_SIE ? MSTATUS_SPIE : 0)
        | (from == MODE_S ? MSTATUS_SPP : 0) | MODE_S << MSTATUS_MPP_SHIFT;
    write_csr(mstatus, status & ~MSTATUS_SIE);
    write_csr(mepc, handler);
}

void trap(struct registers *r)
{
    word cause = read_csr(mcause);
    if (cause & INTERRUPT) {
        serve_interrupts();
    } else if (cause == CAUSE_ECALL_FROM_S) {
        write_csr(mepc, read_csr(mepc) + 4);
        sbi_call(r);
    } else {
        redirect(cause);
    }
}

_Noreturn void die_of_trap(void) { die("the firmware itself took a trap at ", read_csr(mepc)); }

// The compiler generates calls to these two.
void *memcpy(void *to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) ((byte *)to)[i] = ((const byte *)from)[i];
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) ((byte *)to)[i] = value;
    return to;
}
