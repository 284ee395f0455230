package ferrite.scenarios.qemu;

/**
 * The layout of memory during a comparison. RAM begins with the harness; then come the slots, one for each program.
 *
 * <pre>
 *   0x8000_0000  harness
 *   0x8000_8000  slot 0:  +0x0000 context: initial and final registers and CSRs, log of traps
 *                         +0x1000 code: steps of 64 bytes
 *                         +0x2000 data, two pages; +0x4000 routines to call, which are never stored to
 *                         +0x5000 root page table, +0x6000 its second level, +0x7000 a second root
 *   0x8001_0000  slot 1 …
 * </pre>
 *
 * With Sv32, megapages map RAM twice: for S-mode at its own address, for U-mode from {@link #USER_ALIAS} on.
 */
final class SlotLayout {

    static final int RAM_BASE = 0x8000_0000;
    static final int RAM_BYTES = 16 << 20;
    static final int MEGAPAGE = 4 << 20;
    /** The virtual address of RAM for U-mode with Sv32. Physically it is outside memory. */
    static final int USER_ALIAS = 0xc000_0000;
    static final int MTIMECMP = 0x0200_4000;
    static final int FINISHER = 0x10_0000;

    static final int PAGE = 0x1000;
    static final int SLOT_BYTES = 8 * PAGE;
    static final int MAX_PROGRAMS = 400;

    // the context page
    static final int INITIAL_X = 0;
    static final int FINAL_X = 0x80;
    static final int MACHINE_SAVES = 0x100;
    static final int SUPERVISOR_SAVES = 0x110;
    static final int LOG_COUNT = 0x120;
    static final int DONE = 0x124;
    static final int PRESENT = 0x128;
    static final int PAGED = 0x12c;
    static final int INITIAL_CSRS = 0x180;
    static final int FINAL_CSRS = 0x280;
    static final int LOG = 0x600;
    static final int LOG_ENTRY = 32;
    static final int LOG_LIMIT = 70;

    static final int CODE = PAGE;
    static final int STEP_BYTES = 64;
    static final int STEPS = PAGE / STEP_BYTES;
    static final int DATA = 2 * PAGE;
    static final int DATA_PAGES = 2;
    static final int ROUTINES = 4 * PAGE;
    static final int ROOT_TABLE = 5 * PAGE;
    static final int LEAF_TABLE = 6 * PAGE;
    static final int OTHER_ROOT_TABLE = 7 * PAGE;

    private SlotLayout() { }

    static int slot(int index) {
        return RAM_BASE + (index + 1) * SLOT_BYTES;
    }
}
