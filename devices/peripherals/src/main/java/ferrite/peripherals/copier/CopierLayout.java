package ferrite.peripherals.copier;

import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** What {@link CopierDriver} keeps in RAM: a record for the engine. */
final class CopierLayout {

    static final int REGISTERS = 0;
    static final int IRQ = 4;
    /** {@code struct device}. */
    static final int DEV = 8;
    /** Address bits that the engine uses. */
    static final int WIDTH = 12;
    /** The pool of descriptors; 0 until somebody wants something copied. */
    static final int POOL = 16;
    /** Where {@code dma_pool_alloc} puts a bus address. */
    static final int HANDLE = 20;
    /** The status that the last chain ended with; 0 while it runs. */
    static final int RESULT = 24;

    /** Of /dev/copier: flags of the pages that are copied from and kept, how many bytes it holds, and the array of its pages. */
    static final int SOURCE_GFP = 28;
    static final int TARGET_GFP = 32;
    static final int LENGTH = 36;
    static final int PAGES = 40;
    /** A page that is mapped as long as the driver is there, for short reads and writes: its address and its bus address; 0 when it could not be mapped. */
    static final int STAGING = 44;
    static final int STAGING_DMA = 48;

    static final int ONE_CHAIN = 52;
    static final int ONE_USER = ONE_CHAIN + MutexLayout.SIZE;
    static final int DONE_WAIT = ONE_USER + MutexLayout.SIZE;
    static final int SIZE = DONE_WAIT + WaitQueueLayout.SIZE;

    private CopierLayout() { }
}
