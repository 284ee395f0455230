package ferrite.kernel.dma;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.DeviceMapper;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Registers;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;

/**
 * ISA DMA (LDD3 pages 452-458): the channels of the two 8237A, their owners, and the setup of transfers. Channels 0-3
 * move bytes, and a transfer stays inside 64 KiB. Channels 5-7 move 16-bit words, and a transfer stays inside 128 KiB.
 * Channel 4 carries the first controller; no driver gets it.
 *
 * <p>The calls from {@link #setDmaMode} to {@link #getDmaResidue} are made between {@link #claimDmaLock} and {@link
 * #releaseDmaLock}, on a requested channel; {@link ChannelChecks} reports what is not.
 * Addresses and counts are in bytes on every channel.
 */
public final class IsaDma {

    public static final int CHANNELS = DmaRegisters.CHANNELS;
    private static final int COUNTER_STATES = 0x1_0000;
    private static final int CASCADE = DmaRegisters.CASCADE;

    private static final int ENTRY_SIZE = 32;

    static final Struct STRUCT = Struct.of("dma_chan", ENTRY_SIZE);

    /** 0 while no driver has the channel. */
    private static final Pointer OWNER = STRUCT.pointer("device_id", 0, "char");
    /** The line of source that set up the last transfer, while owners are recorded. */
    private static final Pointer SETUP_SITE = STRUCT.pointer("setup_site", 4, "char");
    private static final ULong ADDRESS = STRUCT.ulong("address", 8);
    private static final Word COUNT = STRUCT.u32("count", 12);
    private static final Word MODE = STRUCT.u32("mode", 16);
    public static final int TABLE_BYTES = CHANNELS * ENTRY_SIZE;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final StringTable strings;
    private final boolean recordSites;
    private final Registers registers;
    private final long table;
    private final long dmaLock;
    private final ResourceTracker tracker;
    private final DmaClaims claims;
    private final Violations violations;
    private final ChannelChecks checks;
    private final BufferChecks buffers;
    private final KernelCpu cpu;

    /** Makes the view of a table that boot has allocated: {@link #TABLE_BYTES} zeroed bytes. */
    IsaDma(KernelBase base, DmaClaims claims, BufferChecks buffers) {
        this.buffers = buffers;
        this.checks = new ChannelChecks(base);
        this.cpu = base.cpu();
        this.claims = claims;
        this.violations = base.violations();
        this.memory = base.memory();
        this.locks = base.driverLocks();
        this.strings = base.strings();
        this.tracker = base.tracker();
        this.table = base.rootAddress(RootLayout.DMA_TABLE);
        this.dmaLock = RootLayout.DMA_LOCK.at(base.root());
        this.registers = new Registers(base, RootLayout.DMA_CONTROLLER);
        this.recordSites = base.recordsOwners();
    }

    /**
     * Puts channel 4 into cascade mode and unmasks it, as a PC's BIOS does: channels 0-3 get the bus only through it.
     * Boot, once.
     */
    void boot(DeviceMapper devices) {
        registers.mappedAt(devices.map("i8237A_init", "intel,8237a"));
        OWNER.set(memory, entry(CASCADE), strings.intern("cascade"));
        out(CASCADE, DmaRegisters.MODE, DmaMode.DMA_MODE_CASCADE);
        out(CASCADE, DmaRegisters.SINGLE_MASK, 0);
    }

    private long entry(int channel) {
        return table + (long) channel * ENTRY_SIZE;
    }

    /**
     * {@code request_dma}: reserves a channel for the caller. Task context.
     *
     * @param owner the owner's name in {@code /proc/dma}
     * @return 0, or a negative {@link Errno}: EINVAL if there is no such channel, EBUSY if it is taken
     */
    public int requestDma(int channel, String owner) {
        if (channel < 0 || channel >= CHANNELS) {
            return -Errno.EINVAL;
        }
        long name = strings.intern(owner);
        int flags = claimDmaLock();
        boolean busy = OWNER.get(memory, entry(channel)) != 0;
        if (!busy) {
            OWNER.set(memory, entry(channel), name);
        }
        releaseDmaLock(flags);
        if (!busy) {
            checks.requested(channel);
            tracker.took(ResourceTracker.Kind.CHANNEL, ResourceTracker.channelKey(channel), 0);
        }
        return busy ? -Errno.EBUSY : 0;
    }

    /** {@code free_dma}. Task context. */
    public void freeDma(int channel) {
        int flags = claimDmaLock();
        try {
            requireOwned(channel, "free_dma");
            disableDma(channel);
            OWNER.set(memory, entry(channel), 0);
        } finally {
            releaseDmaLock(flags);
        }
        tracker.gaveBack(ResourceTracker.Kind.CHANNEL, ResourceTracker.channelKey(channel));
    }

    /** Frees the channel of a driver that is removed without freeing it. Task context. */
    public void takeBack(int channel) {
        checks.ownerGone(channel);
        freeDma(channel);
    }

    /**
     * {@code claim_dma_lock}: takes the lock of the registers that all channels share. Any context. Returns the flags
     * for {@link #releaseDmaLock}.
     */
    public int claimDmaLock() {
        int flags = locks.lockIrqSave(dmaLock, "claim_dma_lock");
        checks.locked(cpu.hartId());
        return flags;
    }

    public void releaseDmaLock(int flags) {
        checks.unlocked();
        locks.unlockIrqRestore(dmaLock, flags, "release_dma_lock");
    }

    /**
     * {@code set_dma_mode}: sets {@link DmaMode#DMA_MODE_READ}, {@link DmaMode#DMA_MODE_WRITE} or
     * {@link DmaMode#DMA_MODE_CASCADE}, optionally or'ed with {@link DmaMode#DMA_AUTOINIT}.
     */
    public void setDmaMode(int channel, int mode) {
        requireOwned(channel, "set_dma_mode");
        checks.programmed("set_dma_mode", channel);
        MODE.set(memory, entry(channel), mode);
        out(channel, DmaRegisters.MODE, mode | ofChip(channel));
    }

    /**
     * {@code set_dma_addr}: sets the buffer's bus address, all 32 bits; the controller itself refuses an address that
     * it cannot drive. Channels 5-7 need an even address.
     */
    public void setDmaAddr(int channel, long dma) {
        requireOwned(channel, "set_dma_addr");
        checks.programmed("set_dma_addr", channel);
        checks.counts("set_dma_addr", channel);
        requireWholeTransfers(channel, dma, "set_dma_addr of 0x" + Long.toHexString(dma));
        ADDRESS.set(memory, entry(channel), dma);
        outCounter(DmaRegisters.address(channel), (int) (dma / width(channel)));
        outPort(DmaRegisters.page(channel), (int) (dma >>> 16) & -width(channel));
        outPort(DmaRegisters.highPage(channel), (int) (dma >>> 24));
    }

    /** {@code set_dma_count}: sets the number of bytes, 1 to {@link #maxBytes}. Channels 5-7 need an even number. */
    public void setDmaCount(int channel, int bytes) {
        requireOwned(channel, "set_dma_count");
        checks.programmed("set_dma_count", channel);
        checks.counts("set_dma_count", channel);
        if (bytes < 1 || bytes > maxBytes(channel)) {
            throw new KernelBug("set_dma_count of " + bytes + " bytes on channel " + channel
                    + ": the counter has 16 bits, 1 to " + maxBytes(channel));
        }
        requireWholeTransfers(channel, bytes, "set_dma_count of " + bytes + " bytes");
        COUNT.set(memory, entry(channel), bytes);
        outCounter(DmaRegisters.count(channel), bytes / width(channel) - 1);
    }

    /**
     * {@code enable_dma}: unmasks the channel. The buffer must not cross a boundary of {@link #maxBytes}: the address
     * counter would wrap.
     */
    public void enableDma(int channel) {
        requireOwned(channel, "enable_dma");
        boolean cascade = MODE.get(memory, entry(channel)) == DmaMode.DMA_MODE_CASCADE;
        checks.enabled(channel, cascade);
        if (!cascade) {
            checkInsidePage(channel);
        }
        if (recordSites) {
            SETUP_SITE.set(memory, entry(channel), strings.intern(CallSite.ofCaller()));
        }
        ReadableMemory view = violations.peek();
        boolean plain = ADDRESS.get(view, entry(channel)) >>> DmaController.ADDRESS_BITS == 0
                && (MODE.get(view, entry(channel)) & DmaRegisters.MODE_DECREMENT) == 0;
        buffers.check("enable_dma", owner(view, channel) + " on channel " + channel,
                ADDRESS.get(view, entry(channel)), plain ? COUNT.get(view, entry(channel)) : 0);
        claims.enabled(channel, owner(view, channel), ADDRESS.get(view, entry(channel)),
                COUNT.get(view, entry(channel)), MODE.get(view, entry(channel)), maxBytes(channel));
        out(channel, DmaRegisters.SINGLE_MASK, ofChip(channel));
    }

    private void checkInsidePage(int channel) {
        long dma = ADDRESS.get(memory, entry(channel));
        int bytes = COUNT.get(memory, entry(channel));
        boolean decrements = (MODE.get(memory, entry(channel)) & DmaRegisters.MODE_DECREMENT) != 0;
        long below = dma % maxBytes(channel) + (decrements ? width(channel) : 0);
        if (decrements ? below < bytes : below + bytes > maxBytes(channel)) {
            violations.of(Rule.DMA_BOUNDARY_CROSSED, "enable_dma on channel " + channel + ": " + bytes
                    + " bytes " + (decrements ? "down from" : "at") + " 0x" + Long.toHexString(dma) + " cross a "
                    + maxBytes(channel) / 1024 + " KiB boundary, where the controller's address counter wraps")
                    .line("why", "the rest of the transfer goes to the beginning of the same "
                            + maxBytes(channel) / 1024 + " KiB").line("instead", Rule.DMA_BOUNDARY_CROSSED.right())
                    .number("channel", channel).address("pa", dma).report();
        }
    }

    /** {@code disable_dma}. */
    public void disableDma(int channel) {
        requireOwned(channel, "disable_dma");
        out(channel, DmaRegisters.SINGLE_MASK, ofChip(channel) | DmaRegisters.SET);
        claims.disabled(channel, "disable_dma");
    }

    /** {@code clear_dma_ff}: makes the next byte of an address or count the low one. */
    public void clearDmaFf(int channel) {
        requireOwned(channel, "clear_dma_ff");
        checks.cleared(channel);
        out(channel, DmaRegisters.CLEAR_FLIP_FLOP, 0);
    }

    /** {@code get_dma_residue}: returns the number of bytes that were not moved; 0 after a complete transfer. */
    public int getDmaResidue(int channel) {
        requireOwned(channel, "get_dma_residue");
        int low = inPort(DmaRegisters.count(channel));
        int high = inPort(DmaRegisters.count(channel));
        return ((high << 8 | low) + 1) % COUNTER_STATES * width(channel);
    }

    /** Returns whether the controller has refused the channel's address since the last call, and clears that. */
    public boolean takeDmaError(int channel) {
        requireChannel(channel, "the error bit");
        boolean refused = (inPort(DmaRegisters.ERROR) >> channel & 1) != 0;
        if (refused) {
            outPort(DmaRegisters.ERROR, 1 << channel);
        }
        return refused;
    }

    /**
     * Returns the maximum bytes of a transfer, which is also the boundary that it must not cross: the counters have 16
     * bits.
     */
    public static int maxBytes(int channel) {
        return COUNTER_STATES * width(channel);
    }

    /** Returns the bytes that a channel moves at a time. */
    private static int width(int channel) {
        return channel < CASCADE ? 1 : 2;
    }

    /** Returns the channel's number at its controller. */
    private static int ofChip(int channel) {
        return channel & 3;
    }

    private void requireOwned(int channel, String call) {
        requireChannel(channel, call);
        boolean owned = OWNER.get(memory, entry(channel)) != 0;
        checks.used(call, channel, owned ? () -> owner(violations.peek(), channel) : null, cpu.hartId());
    }

    private static void requireChannel(int channel, String call) {
        if (channel == CASCADE) {
            throw new KernelBug(call + " on DMA channel 4, which carries channels 0-3; a driver uses another channel");
        }
        if (channel < 0 || channel >= CHANNELS) {
            throw new KernelBug(call + " on DMA channel " + channel + ", which does not exist");
        }
    }

    private static void requireWholeTransfers(int channel, long bytes, String call) {
        if (bytes % width(channel) != 0) {
            throw new KernelBug(call + " on channel " + channel + ", which moves 16-bit words: the value must be even");
        }
    }

    private void outCounter(int port, int value) {
        outPort(port, value);
        outPort(port, value >>> 8);
    }

    private void out(int channel, int register, int value) {
        outPort(DmaRegisters.port(channel, register), value);
    }

    private void outPort(int port, int value) {
        memory.store8(registers.address() + port, value & 0xff);
    }

    private int inPort(int port) {
        return memory.load8(registers.address() + port);
    }

    // ---- looking ----

    /** Tells the shadow which channels are unmasked, for a kernel that attaches. Only looks. */
    void attach(ReadableMemory view) {
        try {
            for (int channel = 0; channel < CHANNELS; channel++) {
                String owner = channel == CASCADE ? null : owner(view, channel);
                if (owner != null) {
                    attach(view, channel, owner);
                }
            }
        } catch (BusFault damaged) {
            // the table was overwritten: what some channels access is not known
        }
    }

    private void attach(ReadableMemory view, int channel, String owner) {
        checks.restored(channel);
        int bytes = COUNT.get(view, entry(channel));
        if (bytes <= maxBytes(channel) && !isMasked(view, channel)) {
            claims.restoredChannel(channel, owner, new DmaClaims.Range(ADDRESS.get(view, entry(channel)), bytes,
                    maxBytes(channel)), MODE.get(view, entry(channel)), setupSite(view, channel));
        }
    }

    private boolean isMasked(ReadableMemory view, int channel) {
        int port = DmaRegisters.port(channel, DmaRegisters.ALL_MASKS);
        return (view.load8(registers.address() + port) >> ofChip(channel) & 1) != 0;
    }

    /** Returns the name of a channel's owner, or null. */
    public String owner(ReadableMemory view, int channel) {
        long owner = OWNER.get(view, entry(channel));
        return owner == 0 ? null : StringTable.read(view, owner);
    }

    /** Returns the line that set up a channel's last transfer, or null. */
    public String setupSite(ReadableMemory view, int channel) {
        long site = SETUP_SITE.get(view, entry(channel));
        return site == 0 ? null : StringTable.read(view, site);
    }
}
