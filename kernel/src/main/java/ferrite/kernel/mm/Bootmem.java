package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code alloc_bootmem} (LDD3 pages 230-231): memory for drivers that are linked into the kernel, before the page
 * allocator takes over. It is contiguous, zeroed, and of any size that is free. It stays with its driver for ever,
 * unless {@link #freeBootmem} frees it during boot.
 *
 * <p>A table in a page of its own records each piece: the driver's name, address and size, {@value #ENTRY_BYTES} bytes
 * each. Drivers find their memory with it.
 */
public final class Bootmem {

    /** Linux's {@code SMP_CACHE_BYTES}. */
    private static final int LINE = 64;
    private static final int ENTRY_BYTES = 12;

    /** A piece that a driver took. */
    static final Struct ENTRY = Struct.of("bootmem_piece", ENTRY_BYTES);

    private static final Pointer NAME = ENTRY.pointer("driver", 0, "char");
    private static final Pointer ADDRESS = ENTRY.pointer("addr", 4, "void");
    private static final Word BYTES = ENTRY.u32("bytes", 8);

    private static final int MAX_PIECES = (AddressSpace.PAGE_SIZE - 4) / ENTRY_BYTES;

    /** The page that holds all pieces. */
    static final Struct TABLE = Struct.of("bootmem", AddressSpace.PAGE_SIZE);

    private static final Word COUNT = TABLE.u32("count", 0);
    private static final Embedded ENTRIES = TABLE.array("pieces", 4, ENTRY, MAX_PIECES);

    private final KernelMemory memory;
    private final AddressSpace space;
    private final StringTable strings;
    private final KernelLog log;
    private final Violations violations;
    private final long root;
    /** During boot: the source of memory, the allocating driver, and the rest of the page for small pieces. */
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

    /** A driver's piece of memory. */
    public record Piece(String driver, long va, int bytes) { }

    /** Returns the driver whose boot-time memory lies at a physical address, or null. Only looks. */
    public String ownerOf(long pa) {
        ReadableMemory view = violations.peek();
        long table = RootLayout.BOOTMEM.get(view, root);
        for (int i = 0; table != 0 && i < COUNT.get(view, table); i++) {
            long entry = ENTRIES.at(table, i);
            long start = space.phys(ADDRESS.get(view, entry));
            if (pa >= start && pa < start + BYTES.get(view, entry)) {
                return StringTable.read(view, NAME.get(view, entry));
            }
        }
        return null;
    }

    // ---- boot ----

    void open(Memblock early, long endOfDma) {
        memblock = early;
        dmaEnd = endOfDma;
    }

    /** Runs a driver's allocations under its name. */
    public void reserveFor(String driverName, Runnable allocations) {
        driver = driverName;
        restFrom = 0;
        restTo = 0;
        allocations.run();
    }

    /** Ends boot-time allocation; later calls are refused. */
    void close() {
        memblock = null;
    }

    // ---- calls for drivers, in reserveMemory ----

    /**
     * Allocates boot-time memory of any low zone, of the DMA zone last. Aligned to a cache line.
     *
     * @return the linear address; 0 after boot
     * @throws KernelPanic if there is not enough memory, as in Linux
     */
    public long allocBootmem(int bytes) {
        return allocate("alloc_bootmem", bytes, LINE, Long.MAX_VALUE);
    }

    /** Allocates boot-time memory of the DMA zone, see {@link #allocBootmem}. */
    public long allocBootmemLow(int bytes) {
        return allocate("alloc_bootmem_low", bytes, LINE, dmaEnd);
    }

    /** Allocates whole pages at boot, see {@link #allocBootmem}. */
    public long allocBootmemPages(int bytes) {
        return allocate("alloc_bootmem_pages", bytes, AddressSpace.PAGE_SIZE, Long.MAX_VALUE);
    }

    /** Allocates whole pages of the DMA zone at boot, see {@link #allocBootmem}. */
    public long allocBootmemLowPages(int bytes) {
        return allocate("alloc_bootmem_low_pages", bytes, AddressSpace.PAGE_SIZE, dmaEnd);
    }

    private long allocate(String call, int bytes, int align, long limit) {
        if (memblock == null) {
            refuse(call + " of " + Integer.toUnsignedString(bytes) + " bytes");
            return 0;
        }
        long pa = bytes <= 0 ? 0 : align < AddressSpace.PAGE_SIZE && bytes < AddressSpace.PAGE_SIZE
                ? small(bytes, limit) : memblock.allocBelow(bytes, AddressSpace.PAGE_SIZE, limit);
        if (pa == 0) {
            throw new KernelPanic(call + ": no " + Integer.toUnsignedString(bytes)
                    + " contiguous bytes are free at boot for the driver " + driver);
        }
        long va = space.virt(pa);
        record(va, bytes);
        log.info(driver + ": " + call + " of " + bytes + " bytes at " + Hex.address(va));
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
        long table = RootLayout.BOOTMEM.get(memory, root);
        if (table == 0) {
            table = space.virt(memblock.alloc(AddressSpace.PAGE_SIZE, "the table of boot-time memory"));
            RootLayout.BOOTMEM.set(memory, root, table);
        }
        int count = COUNT.get(memory, table);
        if (count == MAX_PIECES) {
            throw new KernelPanic("drivers took more than " + MAX_PIECES + " pieces of memory at boot");
        }
        long entry = ENTRIES.at(table, count);
        NAME.set(memory, entry, strings.intern(driver));
        ADDRESS.set(memory, entry, va);
        BYTES.set(memory, entry, bytes);
        COUNT.set(memory, table, count + 1);
    }

    /**
     * Frees part or all of a boot-time allocation during boot. Whole pages go to the page allocator; the rest of a page
     * is lost.
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
            violations.of(Rule.BOOTMEM_BAD_FREE, "free_bootmem of " + Integer.toUnsignedString(bytes)
                    + " bytes at " + Hex.grouped(pa) + ", which are not from alloc_bootmem")
                    .line("instead", Rule.BOOTMEM_BAD_FREE.right()).address("pa", pa).report();
            return;
        }
        long first = pa + AddressSpace.PAGE_SIZE - 1 & -AddressSpace.PAGE_SIZE;
        long end = pa + bytes & -AddressSpace.PAGE_SIZE;
        if (end > first) {
            memblock.free(first, end - first);
        }
        long start = ADDRESS.get(memory, entry);
        long stop = start + BYTES.get(memory, entry);
        long va = space.virt(pa);
        BYTES.set(memory, entry, (int) (va - start));
        if (va == start) {
            ADDRESS.set(memory, entry, va + bytes);
            BYTES.set(memory, entry, (int) (stop - va - bytes));
        } else if (va + bytes < stop) {
            record(va + bytes, (int) (stop - va - bytes));
        }
    }

    /** Returns the driver's entry that a piece lies in, or 0. */
    private long entryOf(long va, int bytes) {
        long table = RootLayout.BOOTMEM.get(memory, root);
        for (int i = 0; table != 0 && bytes > 0 && i < COUNT.get(memory, table); i++) {
            long entry = ENTRIES.at(table, i);
            long start = ADDRESS.get(memory, entry);
            boolean inside = va >= start && va + bytes <= start + BYTES.get(memory, entry);
            if (inside && StringTable.read(memory, NAME.get(memory, entry)).equals(driver)) {
                return entry;
            }
        }
        return 0;
    }

    private void refuse(String call) {
        log.print("WARNING: " + call + ": the page allocator has taken over");
        violations.of(Rule.BOOTMEM_TOO_LATE, call + ", but boot is over")
                .line("why", "the boot-time allocator has handed all remaining memory to the page allocator, which "
                        + "allocates blocks of at most 4 MiB; only drivers that are linked into the"
                        + " kernel run before that")
                .line("instead", Rule.BOOTMEM_TOO_LATE.right()).text("call", call).report();
    }

    // ---- looking ----

    /** Returns the linear address of a driver's piece, counted from 0; 0 past the last piece. Any context. */
    public long piece(String ofDriver, int index) {
        List<Piece> pieces = pieces(memory, ofDriver);
        return index < 0 || index >= pieces.size() ? 0 : pieces.get(index).va();
    }

    /** Returns the bytes of a driver's piece, see {@link #piece}; 0 past the last piece. */
    public int pieceBytes(String ofDriver, int index) {
        List<Piece> pieces = pieces(memory, ofDriver);
        return index < 0 || index >= pieces.size() ? 0 : pieces.get(index).bytes();
    }

    /** Returns the pieces that a driver allocated at boot, in that order. Any context. */
    public List<Piece> pieces(ReadableMemory view, String ofDriver) {
        List<Piece> pieces = new ArrayList<>();
        long table = RootLayout.BOOTMEM.get(view, root);
        int count = table == 0 ? 0 : Math.min(COUNT.get(view, table), MAX_PIECES);
        for (int i = 0; i < count; i++) {
            long entry = ENTRIES.at(table, i);
            String name = StringTable.read(view, NAME.get(view, entry));
            if (name.equals(ofDriver) && BYTES.get(view, entry) != 0) {
                pieces.add(new Piece(name, ADDRESS.get(view, entry), BYTES.get(view, entry)));
            }
        }
        return pieces;
    }
}
