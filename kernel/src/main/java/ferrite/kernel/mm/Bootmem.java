package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code alloc_bootmem} (LDD3 pages 230-231): memory for drivers that are linked into the kernel, while boot lasts and the page allocator has not taken over. It is contiguous, as much
 * as there is, zero, and its owner's for good: nothing of it ever reaches the page allocator unless {@link #freeBootmem} gave it back before.
 *
 * <p>What drivers took is in a page of its own, so that they find it again: a driver's name, address and size, {@value #ENTRY_BYTES} bytes each.
 */
public final class Bootmem {

    /** Linux's {@code SMP_CACHE_BYTES}. */
    private static final int LINE = 64;
    private static final int NAME = 0;
    private static final int ADDRESS = 4;
    private static final int BYTES = 8;
    private static final int ENTRY_BYTES = 12;
    private static final int COUNT = 0;
    private static final int ENTRIES = 4;
    private static final int MOST = (AddressSpace.PAGE_SIZE - ENTRIES) / ENTRY_BYTES;

    private final KernelMemory memory;
    private final AddressSpace space;
    private final StringTable strings;
    private final KernelLog log;
    private final Violations violations;
    private final long root;
    /** While boot lasts: where memory comes from, who is asking, and what is left of the page that small pieces come from. */
    private Memblock memblock;
    private long dmaEnd;
    private String driver;
    private long restFrom;
    private long restTo;
    private long restLimit;

    Bootmem(KernelBase base) {
        this.memory = base.memory();
        this.space = base.space();
        this.strings = base.strings();
        this.log = base.log();
        this.violations = base.violations();
        this.root = base.root();
    }

    /** A piece that a driver has. */
    public record Piece(String driver, long va, int bytes) { }

    // ---- boot ----

    void open(Memblock early, long endOfDma) {
        memblock = early;
        dmaEnd = endOfDma;
    }

    /** Lets a driver allocate, under its name. */
    public void reserveFor(String driverName, Runnable allocations) {
        driver = driverName;
        restFrom = 0;
        restTo = 0;
        allocations.run();
    }

    /** Refuses everything from now on. */
    void close() {
        memblock = null;
    }

    // ---- what drivers call in reserveMemory ----

    /**
     * {@code alloc_bootmem}: memory of any low zone, of the DMA zone last, aligned to a cache line.
     *
     * @return its address; 0 after boot
     * @throws KernelPanic when there is not so much, as in Linux
     */
    public long allocBootmem(int bytes) {
        return allocate("alloc_bootmem", bytes, LINE, Long.MAX_VALUE);
    }

    /** {@code alloc_bootmem_low}: as {@link #allocBootmem}, of the DMA zone. */
    public long allocBootmemLow(int bytes) {
        return allocate("alloc_bootmem_low", bytes, LINE, dmaEnd);
    }

    /** {@code alloc_bootmem_pages}: as {@link #allocBootmem}, whole pages. */
    public long allocBootmemPages(int bytes) {
        return allocate("alloc_bootmem_pages", bytes, AddressSpace.PAGE_SIZE, Long.MAX_VALUE);
    }

    /** {@code alloc_bootmem_low_pages}: as {@link #allocBootmemPages}, of the DMA zone. */
    public long allocBootmemLowPages(int bytes) {
        return allocate("alloc_bootmem_low_pages", bytes, AddressSpace.PAGE_SIZE, dmaEnd);
    }

    private long allocate(String call, int bytes, int align, long limit) {
        if (memblock == null) {
            refuse(call + " of " + Integer.toUnsignedString(bytes) + " bytes");
            return 0;
        }
        long pa = bytes <= 0 ? 0 : align < AddressSpace.PAGE_SIZE && bytes < AddressSpace.PAGE_SIZE ? small(bytes, limit) : memblock.allocBelow(bytes, AddressSpace.PAGE_SIZE, limit);
        if (pa == 0) {
            throw new KernelPanic(call + ": the driver " + driver + " wants " + Integer.toUnsignedString(bytes) + " bytes at boot, which are not free in one piece");
        }
        long va = space.virt(pa);
        record(va, bytes);
        log.print(driver + ": " + call + " of " + bytes + " bytes at " + Hex.address(va));
        return va;
    }

    /** Small pieces share a page. */
    private long small(int bytes, long limit) {
        long size = bytes + LINE - 1 & -LINE;
        if (restTo - restFrom < size || restLimit != limit) {
            restLimit = limit;
            restFrom = memblock.allocBelow(AddressSpace.PAGE_SIZE, AddressSpace.PAGE_SIZE, limit);
            restTo = restFrom == 0 ? 0 : restFrom + AddressSpace.PAGE_SIZE;
        }
        long pa = restFrom;
        restFrom += pa == 0 ? 0 : size;
        return pa;
    }

    private void record(long va, int bytes) {
        long table = memory.loadAddress(root + RootLayout.BOOTMEM);
        if (table == 0) {
            table = space.virt(memblock.alloc(AddressSpace.PAGE_SIZE, "what drivers take"));
            memory.storeAddress(root + RootLayout.BOOTMEM, table);
        }
        int count = memory.load32(table + COUNT);
        if (count == MOST) {
            throw new KernelPanic("drivers took more than " + MOST + " pieces of memory at boot");
        }
        long entry = table + ENTRIES + (long) count * ENTRY_BYTES;
        memory.storeAddress(entry + NAME, strings.intern(driver));
        memory.storeAddress(entry + ADDRESS, va);
        memory.store32(entry + BYTES, bytes);
        memory.store32(table + COUNT, count + 1);
    }

    /**
     * {@code free_bootmem}: gives back part or all of what the calls gave, while boot lasts. Whole pages reach the page allocator; what remains of a page stays
     * where it is for ever.
     *
     * @param pa the physical address
     */
    public void freeBootmem(long pa, int bytes) {
        if (memblock == null) {
            refuse("free_bootmem of " + Hex.grouped(pa));
            return;
        }
        long entry = entryOf(space.virt(pa), bytes);
        if (entry == 0) {
            violations.of(Rule.BOOTMEM_BAD_FREE, "free_bootmem of " + Integer.toUnsignedString(bytes) + " bytes at " + Hex.grouped(pa) + ", which alloc_bootmem has not given")
                    .line("instead", Rule.BOOTMEM_BAD_FREE.right()).address("pa", pa).report();
            return;
        }
        long first = pa + AddressSpace.PAGE_SIZE - 1 & -AddressSpace.PAGE_SIZE;
        long end = pa + bytes & -AddressSpace.PAGE_SIZE;
        if (end > first) {
            memblock.free(first, end - first);
        }
        long start = memory.loadAddress(entry + ADDRESS);
        long stop = start + memory.load32(entry + BYTES);
        long va = space.virt(pa);
        memory.store32(entry + BYTES, (int) (va - start));
        if (va == start) {
            memory.storeAddress(entry + ADDRESS, va + bytes);
            memory.store32(entry + BYTES, (int) (stop - va - bytes));
        } else if (va + bytes < stop) {
            record(va + bytes, (int) (stop - va - bytes));
        }
    }

    /** The driver's entry that a piece lies in, or 0. */
    private long entryOf(long va, int bytes) {
        long table = memory.loadAddress(root + RootLayout.BOOTMEM);
        for (int i = 0; table != 0 && bytes > 0 && i < memory.load32(table + COUNT); i++) {
            long entry = table + ENTRIES + (long) i * ENTRY_BYTES;
            long start = memory.loadAddress(entry + ADDRESS);
            boolean inside = va >= start && va + bytes <= start + memory.load32(entry + BYTES);
            if (inside && StringTable.read(memory, memory.loadAddress(entry + NAME)).equals(driver)) {
                return entry;
            }
        }
        return 0;
    }

    private void refuse(String call) {
        log.print("WARNING: " + call + ": the page allocator has taken over");
        violations.of(Rule.BOOTMEM_TOO_LATE, call + ", but boot is over")
                .line("why", "the boot-time allocator has handed all memory that was left to the page allocator, and that gives out blocks of at most 4 MiB; only drivers that are linked into the"
                        + " kernel run before that").line("instead", Rule.BOOTMEM_TOO_LATE.right()).text("call", call).report();
    }

    // ---- looking ----

    /** The address of a driver's piece, the first one being number 0; 0 past the last one. Any context. */
    public long piece(String ofDriver, int index) {
        List<Piece> pieces = pieces(memory, ofDriver);
        return index < 0 || index >= pieces.size() ? 0 : pieces.get(index).va();
    }

    /** The bytes of a driver's piece, see {@link #piece}; 0 past the last one. */
    public int pieceBytes(String ofDriver, int index) {
        List<Piece> pieces = pieces(memory, ofDriver);
        return index < 0 || index >= pieces.size() ? 0 : pieces.get(index).bytes();
    }

    /** What a driver took at boot, in the order in which it did. Any context. */
    public List<Piece> pieces(ReadableMemory view, String ofDriver) {
        List<Piece> pieces = new ArrayList<>();
        long table = view.loadAddress(root + RootLayout.BOOTMEM);
        int count = table == 0 ? 0 : Math.min(view.load32(table + COUNT), MOST);
        for (int i = 0; i < count; i++) {
            long entry = table + ENTRIES + (long) i * ENTRY_BYTES;
            String name = StringTable.read(view, view.loadAddress(entry + NAME));
            if (name.equals(ofDriver) && view.load32(entry + BYTES) != 0) {
                pieces.add(new Piece(name, view.loadAddress(entry + ADDRESS), view.load32(entry + BYTES)));
            }
        }
        return pieces;
    }
}
