package ferrite.kernel.dma;

import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Errno;
import ferrite.kernel.KernelBug;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.sched.SpinLock;

/**
 * ISA DMA (LDD3 pages 452-458): the channels of the 8237A, who owns them, and how a transfer is set up. The calls from {@link #setDmaMode} to
 * {@link #getDmaResidue} are made between {@link #claimDmaLock} and {@link #releaseDmaLock}, on a channel that was requested; a call on one
 * that nobody requested is a bug of the driver and stops it.
 */
public final class IsaDma {

    public static final int CHANNELS = DmaRegisters.CHANNELS;
    public static final int DMA_MODE_READ = DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_WRITE;
    public static final int DMA_MODE_WRITE = DmaRegisters.MODE_SINGLE | DmaRegisters.MODE_READ;
    /** What one transfer can move: the counter has 16 bits. */
    public static final int MAX_BYTES = 0x1_0000;

    private static final int ENTRY_SIZE = 32;
    private static final int OWNER = 0;
    private static final int SETUP_SITE = 4;
    private static final int ADDRESS = 8;
    private static final int COUNT = 12;
    public static final int TABLE_BYTES = CHANNELS * ENTRY_SIZE;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final StringTable strings;
    private final boolean recordSites;
    private final long registers;
    private final long table;
    private final long dmaLock;

    /**
     * @param table       {@link #TABLE_BYTES} zeroed bytes
     * @param dmaLock     a zeroed word
     * @param registers   address of the controller's registers
     * @param recordSites whether to remember where each transfer was set up
     */
    public IsaDma(KernelMemory memory, KernelCpu cpu, StringTable strings, long table, long dmaLock, long registers, boolean recordSites) {
        this.memory = memory;
        this.locks = new SpinLock(memory, cpu);
        this.strings = strings;
        this.table = table;
        this.dmaLock = dmaLock;
        this.registers = registers;
        this.recordSites = recordSites;
    }

    private long entry(int channel) {
        return table + (long) channel * ENTRY_SIZE;
    }

    /**
     * {@code request_dma}: makes a channel the caller's. Task context.
     *
     * @param owner as {@code /proc/dma} shows it
     * @return 0, or a negative {@link Errno}: EINVAL for a channel that does not exist, EBUSY for one that is taken
     */
    public int requestDma(int channel, String owner) {
        if (channel < 0 || channel >= CHANNELS) {
            return -Errno.EINVAL;
        }
        long name = strings.intern(owner);
        int flags = claimDmaLock();
        boolean busy = memory.load32(entry(channel) + OWNER) != 0;
        if (!busy) {
            memory.storeAddress(entry(channel) + OWNER, name);
        }
        releaseDmaLock(flags);
        return busy ? -Errno.EBUSY : 0;
    }

    /** {@code free_dma}. Task context. */
    public void freeDma(int channel) {
        int flags = claimDmaLock();
        try {
            requireOwned(channel, "free_dma");
            disableDma(channel);
            memory.storeAddress(entry(channel) + OWNER, 0);
        } finally {
            releaseDmaLock(flags);
        }
    }

    /** {@code claim_dma_lock}: the controller's registers are shared by all channels. Any context; returns what {@link #releaseDmaLock} needs. */
    public int claimDmaLock() {
        return locks.lockIrqSave(dmaLock);
    }

    public void releaseDmaLock(int flags) {
        locks.unlockIrqRestore(dmaLock, flags);
    }

    /** {@code set_dma_mode}: {@link #DMA_MODE_READ} from the device to memory, {@link #DMA_MODE_WRITE} the other way. */
    public void setDmaMode(int channel, int mode) {
        requireOwned(channel, "set_dma_mode");
        out(DmaRegisters.MODE, mode | channel);
    }

    /** {@code set_dma_addr}: the bus address of the buffer, all 32 bits of it; whether the controller can drive them it will say itself. */
    public void setDmaAddr(int channel, long dma) {
        requireOwned(channel, "set_dma_addr");
        memory.storeAddress(entry(channel) + ADDRESS, dma);
        out(DmaRegisters.ADDRESS_0 + 2 * channel, (int) dma);
        out(DmaRegisters.ADDRESS_0 + 2 * channel, (int) (dma >>> 8));
        out(DmaRegisters.page(channel), (int) (dma >>> 16));
        out(DmaRegisters.highPage(channel), (int) (dma >>> 24));
    }

    /** {@code set_dma_count}: how many bytes, 1 to {@link #MAX_BYTES}. */
    public void setDmaCount(int channel, int bytes) {
        requireOwned(channel, "set_dma_count");
        if (bytes < 1 || bytes > MAX_BYTES) {
            throw new KernelBug("set_dma_count of " + bytes + " bytes on channel " + channel + ": the counter has 16 bits, 1 to " + MAX_BYTES);
        }
        memory.store32(entry(channel) + COUNT, bytes);
        out(DmaRegisters.COUNT_0 + 2 * channel, bytes - 1);
        out(DmaRegisters.COUNT_0 + 2 * channel, bytes - 1 >>> 8);
    }

    /** {@code enable_dma}: lets the channel loose. The buffer must not cross a 64 KiB boundary: the address counter would wrap. */
    public void enableDma(int channel) {
        requireOwned(channel, "enable_dma");
        long dma = memory.loadAddress(entry(channel) + ADDRESS);
        int bytes = memory.load32(entry(channel) + COUNT);
        if ((dma & 0xffff) + bytes > MAX_BYTES) {
            throw new KernelBug("enable_dma on channel " + channel + ": " + bytes + " bytes at 0x" + Long.toHexString(dma)
                    + " cross a 64 KiB boundary, where the controller's address counter wraps");
        }
        if (recordSites) {
            memory.storeAddress(entry(channel) + SETUP_SITE, strings.intern(CallSite.ofCaller()));
        }
        out(DmaRegisters.SINGLE_MASK, channel);
    }

    /** {@code disable_dma}. */
    public void disableDma(int channel) {
        requireOwned(channel, "disable_dma");
        out(DmaRegisters.SINGLE_MASK, channel | DmaRegisters.SET);
    }

    /** {@code clear_dma_ff}: the next byte of an address or count is the low one. */
    public void clearDmaFf(int channel) {
        requireOwned(channel, "clear_dma_ff");
        out(DmaRegisters.CLEAR_FLIP_FLOP, 0);
    }

    /** {@code get_dma_residue}: bytes that were not moved; 0 when all were. */
    public int getDmaResidue(int channel) {
        requireOwned(channel, "get_dma_residue");
        int low = in(DmaRegisters.COUNT_0 + 2 * channel);
        int high = in(DmaRegisters.COUNT_0 + 2 * channel);
        return (high << 8 | low) + 1 & 0xffff;
    }

    /** Whether the controller refused the channel's address since this was last asked. */
    public boolean takeDmaError(int channel) {
        requireOwned(channel, "the error bit");
        boolean refused = (in(DmaRegisters.ERROR) >> channel & 1) != 0;
        if (refused) {
            out(DmaRegisters.ERROR, 1 << channel);
        }
        return refused;
    }

    private void requireOwned(int channel, String call) {
        if (channel < 0 || channel >= CHANNELS || memory.load32(entry(channel) + OWNER) == 0) {
            throw new KernelBug("" + call + " on DMA channel " + channel + ", which nobody requested; request_dma comes first");
        }
    }

    private void out(int port, int value) {
        memory.store8(registers + port, value & 0xff);
    }

    private int in(int port) {
        return memory.load8(registers + port);
    }

    // ---- looking ----

    /** Who owns a channel, or null. */
    public String owner(ReadableMemory view, int channel) {
        long owner = view.loadAddress(entry(channel) + OWNER);
        return owner == 0 ? null : StringTable.read(view, owner);
    }

    /** Where a channel's last transfer was set up, or null. */
    public String setupSite(ReadableMemory view, int channel) {
        long site = view.loadAddress(entry(channel) + SETUP_SITE);
        return site == 0 ? null : StringTable.read(view, site);
    }
}
