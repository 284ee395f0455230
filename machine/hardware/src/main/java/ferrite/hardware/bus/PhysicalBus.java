package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Routes every physical access to RAM or to the device that answers there.
 *
 * <p>Single owner: only the thread that holds the turn may call in. Addresses are physical, zero-extended; an access is
 * 1, 2 or 4 bytes wide and aligned.
 */
public final class PhysicalBus {

    private record Port(AddressRange range, BusDevice device) { }

    private final Ram ram;
    private final List<Port> ports = new ArrayList<>();
    private final List<FastPathHolder> fastPaths = new ArrayList<>();
    /** Pages of RAM that a fast path may have, by their number in it: all that were given out since all were last taken back. */
    private final BitSet inFastPaths = new BitSet();
    private final WatchedPages watched;
    private final Reservations reservations = new Reservations();
    private final CodePages code;

    public PhysicalBus(Ram ram) {
        this.ram = ram;
        this.watched = new WatchedPages(ram);
        this.code = new CodePages(ram, fastPaths);
    }

    public Ram ram() {
        return ram;
    }

    /** What was decoded of RAM. */
    public CodePages code() {
        return code;
    }

    /** What harts have reserved; a hart says once that it will. */
    public Reservations reservationsFor(BusMaster master) {
        reservations.add(master);
        return reservations;
    }

    /** Puts a device on the bus. An empty, wrapping or overlapping range is refused. */
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

    /** RAM and devices by address. */
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
            watched.tell(pa, width, false);
            return Ram.extract(ram.page(pa), pa, width);
        }
        Port port = portAt(master, pa, width);
        return port.device.load(pa - port.range.base(), width);
    }

    public void store(BusMaster master, long pa, int width, int value) {
        requireReach(master, pa, width);
        if (ram.contains(pa)) {
            watched.tell(pa, width, true);
            reservations.stored(master, pa, width);
            Ram.insert(ram.openForWrite(pa), pa, width, value);
            code.stored(pa, width);
            return;
        }
        Port port = portAt(master, pa, width);
        port.device.store(pa - port.range.base(), width, value);
    }

    /** Moves bytes out of RAM; a range that is not all RAM is a fault at its first foreign byte, after what came before it moved. */
    public void read(BusMaster master, long pa, byte[] into, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = pieceInPage(pa + done, length - done);
            requireRam(master, pa + done);
            watched.tell(pa + done, piece, false);
            Ram.copyOut(ram.page(pa + done), pa + done, into, at + done, piece);
            done += piece;
        }
    }

    /** Moves bytes into RAM, as {@link #read} moves them out. */
    public void write(BusMaster master, long pa, byte[] from, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = pieceInPage(pa + done, length - done);
            requireRam(master, pa + done);
            watched.tell(pa + done, piece, true);
            reservations.stored(master, pa + done, piece);
            Ram.copyIn(ram.openForWrite(pa + done), pa + done, from, at + done, piece);
            code.stored(pa + done, piece);
            done += piece;
        }
    }

    /** What a load would answer, without any effect. */
    public int peek(long pa, int width) {
        if (ram.contains(pa)) {
            watched.tell(pa, width, false);
            return Ram.extract(ram.peekPage(pa), pa, width);
        }
        Port port = portAt(null, pa, width);
        return port.device.peek(pa - port.range.base(), width);
    }

    /** The bytes of RAM as they are now, without any effect. */
    public void peek(long pa, byte[] into, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = pieceInPage(pa + done, length - done);
            requireRam(null, pa + done);
            watched.tell(pa + done, piece, false);
            Ram.copyOut(ram.peekPage(pa + done), pa + done, into, at + done, piece);
            done += piece;
        }
    }

    static int pieceInPage(long pa, int length) {
        return (int) Math.min(length, Ram.PAGE_BYTES - (pa & (Ram.PAGE_BYTES - 1)));
    }

    // ---- fast paths: who keeps pages' arrays, and when they must let go ----

    /** Registers a holder of pages. */
    public void addFastPath(FastPathHolder holder) {
        fastPaths.add(holder);
    }

    /** The page's words for a fast path for loads, or null when the page must stay on the slow path. */
    public int[] fastPage(long pa) {
        return mayBeFast(pa) ? ram.page(pa) : null;
    }

    /**
     * The page's words for a fast path for stores by {@code master}, or null when the page must stay on the slow path. Who stores into a page
     * that is {@linkplain #code code} tells it so.
     */
    public int[] fastPageForWrite(BusMaster master, long pa) {
        return !reservations.isPageOfOthers(master, pa) && mayBeFast(pa) ? ram.openForWrite(pa) : null;
    }

    private boolean mayBeFast(long pa) {
        if (!ram.contains(pa) || watched.contains(pa)) {
            return false;
        }
        inFastPaths.set(ram.index(pa));
        return true;
    }

    /**
     * From now on the monitor hears of every access to the pages of the range, until {@link #unwatch}. Fast paths lose what they have, if
     * one of them may have a page of these: a buffer of a device that no software touches meanwhile costs them nothing.
     */
    public void watch(long pa, long bytes, AccessMonitor monitor) {
        watched.add(pa, bytes, monitor);
        int fast = inFastPaths.nextSetBit(ram.firstPage(pa));
        if (fast >= 0 && fast < ram.endPage(pa + bytes)) {
            dropFastPaths();
        }
    }

    /** Ends what {@link #watch} with the same arguments began. */
    public void unwatch(long pa, long bytes, AccessMonitor monitor) {
        watched.remove(pa, bytes, monitor);
    }

    /** Lets everybody who watches RAM bring it up to date. */
    public void settle() {
        watched.settle();
    }

    /** Remembers RAM as it is now. */
    public Ram.Image takeImage() {
        Ram.Image image = ram.takeImage();
        dropFastPaths();
        return image;
    }

    /** Makes RAM what it was. */
    public void restoreImage(Ram.Image image) {
        ram.restoreImage(image);
        forgetCaches();
    }

    /** Forgets who watches, and everything that is kept to be quicker: another state of the machine is about to be put in place. */
    public void forgetCaches() {
        code.dropAll();
        watched.clear();
        dropFastPaths();
    }

    private void dropFastPaths() {
        inFastPaths.clear();
        fastPaths.forEach(FastPathHolder::dropAll);
    }

    /** Whether a monitor watches the page of {@code pa}. */
    public boolean isWatched(long pa) {
        return watched.contains(pa);
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
