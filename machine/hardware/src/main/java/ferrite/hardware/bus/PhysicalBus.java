package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The physical bus, which routes each access to RAM or to the device at its address.
 *
 * <p>Single owner: only the thread that holds the turn may call it. Addresses are physical and zero-extended. An access
 * is 1, 2 or 4 bytes wide and aligned.
 */
public final class PhysicalBus {

    private record Port(AddressRange range, BusDevice device) { }

    private final Ram ram;
    private final List<Port> ports = new ArrayList<>();
    private final List<FastPathHolder> fastPaths = new ArrayList<>();
    /** Numbers of the RAM pages handed to a fast path since all fast paths were last dropped. */
    private final PageSet inFastPaths;
    private final AccessWatches watches;
    private final Reservations reservations = new Reservations();
    private final CodePages code;

    private final Map<String, Supplier<String>> requests = new HashMap<>();

    /** Null unless accesses are traced. */
    private BusTracer tracer;
    /** Whether harts must use the bus for every access, because all of them are traced. */
    private boolean tracesAll;

    public PhysicalBus(Ram ram) {
        this.ram = ram;
        this.inFastPaths = new PageSet(ram.pages());
        this.watches = new AccessWatches(ram);
        this.code = new CodePages(ram, fastPaths);
    }

    public Ram ram() {
        return ram;
    }

    /** Returns the cache of decoded instructions. */
    public CodePages code() {
        return code;
    }

    /** Registers a hart for reservations. A hart calls this once. */
    public Reservations reservationsFor(BusMaster master) {
        reservations.add(master);
        return reservations;
    }

    /** Attaches a device. An empty, wrapping or overlapping range is refused. */
    public void attach(String name, long base, long bytes, BusDevice device) {
        AddressRange range = new AddressRange(name, base, bytes);
        AddressRange ramRange = new AddressRange("ram", ram.base(), ram.bytes());
        if (range.overlaps(ramRange)) {
            throw new IllegalArgumentException(range + " overlaps " + ramRange);
        }
        for (Port port : ports) {
            if (range.overlaps(port.range)) {
                throw new IllegalArgumentException(range + " overlaps " + port.range);
            }
        }
        ports.add(new Port(range, device));
        ports.sort(Comparator.comparingLong(port -> port.range.base()));
    }

    /**
     * Sets the observer of accesses; null for none.
     *
     * @param all whether harts give up their fast paths to RAM, so that the observer sees all their accesses
     */
    public void trace(BusTracer newTracer, boolean all) {
        tracer = newTracer;
        tracesAll = all;
        if (all) {
            dropFastPaths();
        }
    }

    /** Returns the observer of accesses, or null. */
    public BusTracer tracer() {
        return tracer;
    }

    /**
     * Has a device describe its current requests, for reports.
     *
     * @param master  the name of the bus master that carries them out
     * @param request describes the request in a few words, such as {@code disk0 reads 8 sectors from sector 16 on}
     */
    public void describeRequests(String master, Supplier<String> request) {
        requests.put(master, request);
    }

    /** Describes the request that a device carries out now, or returns null if it does not tell. */
    public String requestOf(BusMaster master) {
        Supplier<String> request = requests.get(master.name());
        return request == null ? null : request.get();
    }

    /** Lists RAM and devices by address. */
    public List<AddressRange> ranges() {
        List<AddressRange> ranges = new ArrayList<>();
        ranges.add(new AddressRange("ram", ram.base(), ram.bytes()));
        ports.forEach(port -> ranges.add(port.range));
        ranges.sort(Comparator.comparingLong(AddressRange::base));
        return ranges;
    }

    public int load(BusMaster master, long pa, int width) {
        requireReach(master, pa, width);
        if (ram.contains(pa)) {
            watches.bus(master, pa, width, Access.LOAD);
            int loaded = Ram.extract(ram.page(pa), pa, width);
            if (tracer != null) {
                tracer.ram(master, pa, width, loaded, false);
            }
            return loaded;
        }
        return loadFromDevice(master, pa, width);
    }

    /** A method of its own, because the JVM's compiler would copy the devices' methods into each slow path to RAM. */
    private int loadFromDevice(BusMaster master, long pa, int width) {
        Port port = portAt(master, pa, width);
        int value = port.device.load(pa - port.range.base(), width);
        if (tracer != null) {
            tracer.device(master, port.range, pa, width, value, false);
        }
        return value;
    }

    public void store(BusMaster master, long pa, int width, int value) {
        requireReach(master, pa, width);
        if (ram.contains(pa)) {
            if (tracer != null) {
                tracer.ram(master, pa, width, value, true);
            }
            watches.bus(master, pa, width, Access.STORE);
            reservations.stored(master, pa, width);
            Ram.insert(ram.openForWrite(pa), pa, width, value);
            code.stored(pa, width);
        } else {
            storeToDevice(master, pa, width, value);
        }
    }

    private void storeToDevice(BusMaster master, long pa, int width, int value) {
        Port port = portAt(master, pa, width);
        if (tracer != null) {
            tracer.device(master, port.range, pa, width, value, true);
        }
        port.device.store(pa - port.range.base(), width, value);
    }

    /**
     * Reads bytes from RAM. If the range leaves RAM, the bytes before that point are read, and then the first address
     * outside RAM faults.
     */
    public void read(BusMaster master, long pa, byte[] into, int at, int length) {
        if (tracer != null) {
            tracer.block(master, pa, length, false);
        }
        Objects.checkFromIndexSize(at, length, into.length);
        for (int done = 0; done < length; ) {
            int piece = announcePiece(master, pa + done, length - done, Access.LOAD);
            BlockCopy.fromRam(ram, pa + done, into, at + done, piece);
            done += piece;
        }
    }

    /** Writes bytes to RAM, with faults as in {@link #read}. */
    public void write(BusMaster master, long pa, byte[] from, int at, int length) {
        if (tracer != null) {
            tracer.block(master, pa, length, true);
        }
        Objects.checkFromIndexSize(at, length, from.length);
        for (int done = 0; done < length; ) {
            int piece = announcePiece(master, pa + done, length - done, Access.STORE);
            reservations.stored(master, pa + done, piece);
            BlockCopy.toRam(ram, pa + done, from, at + done, piece);
            code.stored(pa + done, piece);
            done += piece;
        }
    }

    /**
     * Announces the first piece of an access to a range of RAM, or finds its fault, and returns the length of the
     * piece. The pages before the first one that a watch hears of are one piece, without any announcement. So most
     * ranges need no look at each page.
     */
    private int announcePiece(BusMaster master, long pa, int length, Access access) {
        boolean mayFault = !ram.contains(pa, length) || !master.reaches(pa + length - 1);
        int unheard = mayFault ? 0 : watches.unheard(master, pa, length);
        if (unheard > 0) {
            return unheard;
        }
        int piece = pieceInPage(pa, length);
        requireRam(master, pa);
        watches.bus(master, pa, piece, access);
        return piece;
    }

    /** Returns the value that a load would return, without side effects. */
    public int peek(long pa, int width) {
        if (ram.contains(pa)) {
            watches.inspection(pa, width);
            return Ram.extract(ram.peekPage(pa), pa, width);
        }
        Port port = portAt(null, pa, width);
        return port.device.peek(pa - port.range.base(), width);
    }

    /** Copies the current bytes of RAM, without side effects. */
    public void peek(long pa, byte[] into, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = pieceInPage(pa + done, length - done);
            requireRam(null, pa + done);
            watches.inspection(pa + done, piece);
            BlockCopy.fromPage(ram.peekPage(pa + done), pa + done, into, at + done, piece);
            done += piece;
        }
    }

    static int pieceInPage(long pa, int length) {
        return (int) Math.min(length, Ram.PAGE_BYTES - (pa & (Ram.PAGE_BYTES - 1)));
    }

    // ---- fast paths: holders of page arrays, and the events that make them drop the arrays ----

    /** Registers a holder of page arrays. */
    public void addFastPath(FastPathHolder holder) {
        fastPaths.add(holder);
    }

    /** Returns the page's words for loads, or null if the page must use the slow path. */
    public int[] fastPage(long pa) {
        return mayBeFast(pa) ? ram.page(pa) : null;
    }

    /**
     * Returns the page's words for stores by {@code master}, or null if the page must use the slow path. The caller
     * must report each store into a page that is {@linkplain #code code}.
     */
    public int[] fastPageForWrite(BusMaster master, long pa) {
        return !reservations.isPageOfOthers(master, pa) && mayBeFast(pa) ? ram.openForWrite(pa) : null;
    }

    private boolean mayBeFast(long pa) {
        if (!ram.contains(pa) || tracesAll || watches.isWatched(pa)) {
            return false;
        }
        inFastPaths.add(ram.index(pa));
        return true;
    }

    /** Takes an image of RAM, and drops all fast paths. */
    public Ram.Image takeImage() {
        Ram.Image image = ram.takeImage();
        dropFastPaths();
        return image;
    }

    /** Restores RAM from an image, and forgets all caches. */
    public void restoreImage(Ram.Image image) {
        ram.restoreImage(image);
        forgetCaches();
    }

    /**
     * Forgets watched pages, decoded instructions and fast paths. The caller is about to install another state of the
     * machine.
     */
    public void forgetCaches() {
        code.dropAll();
        watches.clearPages();
        dropFastPaths();
    }

    private void dropFastPaths() {
        inFastPaths.clear();
        fastPaths.forEach(FastPathHolder::dropAll);
    }

    // ---- watches ----

    /**
     * Announces every access to the range's pages, whoever makes it, until {@link #unwatch}.
     *
     * <p>The fast paths are dropped only if one of them may hold a page of the range. A device buffer that no software
     * touches meanwhile therefore costs them nothing.
     */
    public void watch(long pa, long bytes, AccessWatch watch) {
        watches.addPages(pa, bytes, watch);
        int end = ram.endPage(pa + bytes);
        if (inFastPaths.firstIn(ram.firstPage(pa), end) < end) {
            dropFastPaths();
        }
    }

    /** Ends the {@link #watch} that had the same arguments. */
    public void unwatch(long pa, long bytes, AccessWatch watch) {
        watches.removePages(pa, bytes, watch);
    }

    /** Tells whether the page of {@code pa} is watched. */
    public boolean isWatched(long pa) {
        return watches.isWatched(pa);
    }

    /** Lets every watch of pages bring the RAM that it watches up to date. */
    public void settle() {
        watches.settle();
    }

    /** Announces every access of software that is not on a fast path. */
    public void watchSoftware(AccessWatch watch) {
        watches.addSoftware(watch);
    }

    /** Announces every access of devices to RAM, until {@link #unwatchDevices}. */
    public void watchDevices(AccessWatch watch) {
        watches.addDevices(watch);
    }

    /** Ends {@link #watchDevices}. */
    public void unwatchDevices(AccessWatch watch) {
        watches.removeDevices(watch);
    }

    /** Announces the accesses of software to the operating system, until {@link #dropGuards}. */
    public void guardSoftware(AccessWatch guard) {
        watches.addGuard(guard);
        watches.addSoftware(guard);
        dropFastPaths();
    }

    /** Announces the accesses of devices to the operating system, until {@link #dropGuards}. */
    public void guardDevices(AccessWatch guard) {
        watches.addGuard(guard);
        watches.addDevices(guard);
    }

    /** Removes the watches of an operating system, because another one starts or takes over. */
    public void dropGuards() {
        watches.removeGuards();
    }

    /** Tells whether software may access a page unannounced. For harts. */
    public boolean mayBeFast(long va, long pa) {
        return watches.mayBeFast(va, pa);
    }

    /** Announces an access of software, before it is made. For harts, if it is not on a fast path. */
    public void announce(BusMaster master, long va, long pa, int bytes, Access access) {
        watches.software(master, va, pa, bytes, access);
    }

    private static void requireReach(BusMaster master, long pa, int width) {
        if (!master.reaches(pa)) {
            throw new BusFault(pa, width, master.name() + " has only " + master.addressBits() + " address bits");
        }
    }

    private void requireRam(BusMaster master, long pa) {
        if (master != null) {
            requireReach(master, pa, 4);
        }
        if (!ram.contains(pa)) {
            if (master != null) {
                watches.bus(master, pa, 4, Access.LOAD);
            }
            throw new BusFault(pa, 4, "it is not RAM" + by(master));
        }
    }

    private Port portAt(BusMaster master, long pa, int width) {
        int low = 0;
        int high = ports.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Port port = ports.get(middle);
            if (pa < port.range.base()) {
                high = middle - 1;
            } else if (pa >= port.range.end()) {
                low = middle + 1;
            } else {
                return port;
            }
        }
        throw new BusFault(pa, width, "nothing is there" + by(master));
    }

    private static String by(BusMaster master) {
        return master == null ? "" : " (asked by " + master.name() + ")";
    }
}
