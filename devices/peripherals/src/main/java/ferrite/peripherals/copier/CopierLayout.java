package ferrite.peripherals.copier;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.TimerLayout;

/** The record in RAM that {@link CopierDriver} keeps for the engine. */
final class CopierLayout {

    static final int SIZE = 100 + TimerLayout.SIZE;

    static final Struct STRUCT = Struct.of("copier", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    static final Word IRQ = STRUCT.u32("irq", 4);
    static final Pointer DEV = STRUCT.pointer("dev", 8, "struct device");
    /** Address bits that the engine uses. */
    static final Word WIDTH = STRUCT.u32("width", 12);
    /** The pool of descriptors; 0 until the first request. */
    static final Pointer POOL = STRUCT.pointer("pool", 16, "struct dma_pool");
    /** The chain that was started last. */
    static final Pointer CHAIN = STRUCT.pointer("chain", 20, "struct copier_descriptor");

    /** For /dev/copier: flags of the pages to copy from, and of the pages that it keeps. */
    static final Word SOURCE_GFP = STRUCT.u32("source_gfp", 24);
    static final Word TARGET_GFP = STRUCT.u32("target_gfp", 28);
    /** Bytes that /dev/copier holds, and the array of its pages. */
    static final Word LENGTH = STRUCT.u32("length", 32);
    static final Pointer PAGES = STRUCT.pointer("pages", 36, "struct page *");
    /** A page for short reads and writes, mapped until the driver is removed; 0 if it could not be mapped. */
    static final Pointer STAGING = STRUCT.pointer("staging", 40, "void");
    /** Its bus address. */
    static final ULong STAGING_DMA = STRUCT.ulong("staging_dma", 44);

    static final Embedded ONE_SETUP = STRUCT.embedded("one_setup", 48, MutexLayout.STRUCT);
    static final Embedded ONE_USER = STRUCT.embedded("one_user", ONE_SETUP.end(), MutexLayout.STRUCT);
    /** Protects the end of a chain: the interrupt and the timer may find it at once. */
    static final Embedded LOCK = STRUCT.spinlock("lock", ONE_USER.end());
    /** Not 0 after a chain that was too short was started again. */
    static final Word RETRIED = STRUCT.u32("retried", LOCK.end());
    /** Not 0 after the engine was pulled out. */
    static final Word GONE = STRUCT.u32("gone", RETRIED.end());
    /** Looks for lost interrupts while chains are in flight. */
    static final Embedded WATCHDOG = STRUCT.embedded("watchdog", GONE.end(), TimerLayout.STRUCT);

    private CopierLayout() { }
}
