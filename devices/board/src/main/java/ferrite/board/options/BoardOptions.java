package ferrite.board.options;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.Checks;
import ferrite.kernel.dma.Swiotlb;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.mm.FailPageAlloc;
import ferrite.kernel.mm.SlabFlags;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What can be chosen about a machine; the defaults are those of the command line. A mutable value: set what differs, then build a {@code Board}
 * with it.
 */
public final class BoardOptions {

    private BoardKind kind = BoardKind.FERRITE;
    private int harts = 4;
    private long ramBytes = 1L << 30;
    private long dmaZoneEnd = 16L << 20;
    private long normalZoneEnd = 896L << 20;
    private long seed = 1;
    private Interleavings interleaving = Interleavings.RR;
    private DmaPolicy dma = DmaPolicy.FAULT;
    private boolean owners = true;
    private Swiotlb.Mode swiotlb = Swiotlb.Mode.ON;
    private int copierAddressBits = FerriteLayout.COPIER_ADDRESS_BITS;
    /** Empty when nothing is made to fail. */
    private String failPageAlloc = "";
    private String slubDebug = SlabFlags.DEFAULT_SLUB_DEBUG;
    private boolean objectCallSites = true;
    private boolean guardPages = true;
    private Checks checks = Checks.DEFAULT;
    private long maxInstructions = Long.MAX_VALUE;
    private final List<DiskFile> disks = new ArrayList<>();
    private final List<VirtioKind> virtio = new ArrayList<>();
    private final List<Driver> drivers = new ArrayList<>();
    private final Map<String, String> driverParameters = new LinkedHashMap<>();

    /** Which board it is. The mini-kernel runs on {@link BoardKind#FERRITE} alone: only there is the DMA controller that it drives. */
    public BoardOptions kind(BoardKind value) {
        kind = value;
        return this;
    }

    /** 1 to 8. */
    public BoardOptions harts(int value) {
        harts = value;
        return this;
    }

    public BoardOptions ram(long bytes) {
        ramBytes = bytes;
        return this;
    }

    /** Upper ends of the DMA and NORMAL zones, in bytes. */
    public BoardOptions zones(long dmaEnd, long normalEnd) {
        dmaZoneEnd = dmaEnd;
        normalZoneEnd = normalEnd;
        return this;
    }

    public BoardOptions seed(long value) {
        seed = value;
        return this;
    }

    public BoardOptions interleaving(Interleavings value) {
        interleaving = value;
        return this;
    }

    public BoardOptions dma(DmaPolicy value) {
        dma = value;
        return this;
    }

    public BoardOptions owners(boolean record) {
        owners = record;
        return this;
    }

    /**
     * What the lookaside caches check, as Linux's {@code slub_debug}: letters out of FZPU (sanity checks, red zones, poison, owners), or {@code off}; then perhaps
     * a comma and the caches meant. It changes how objects lie in memory.
     */
    public BoardOptions slubDebug(String value) {
        SlabFlags.check(value);
        slubDebug = value;
        return this;
    }

    /** Whether the owner of an object includes the line of source, which takes a microsecond of the host's time. */
    public BoardOptions objectCallSites(boolean record) {
        objectCallSites = record;
        return this;
    }

    /** Whether every object's owner is recorded too. */
    public BoardOptions objectOwners() {
        return slubDebug(slubDebug.startsWith("off") ? "U" : "FZPU");
    }

    /** Whether the frame behind each block of pages is kept free while there is plenty of memory, so that writing past a block is always noticed. */
    public BoardOptions guardPages(boolean keep) {
        guardPages = keep;
        return this;
    }

    /** Bounce buffers for mapped DMA: where they are needed, never, or for every mapping. */
    public BoardOptions swiotlb(Swiotlb.Mode value) {
        swiotlb = value;
        return this;
    }

    /**
     * How many address wires the copy engine is built with, 24 to 32. No option of the command line says so: {@code -o copier.width=N} has the driver use fewer of those
     * that are there.
     */
    public BoardOptions copierAddressBits(int value) {
        copierAddressBits = value;
        return this;
    }

    /**
     * Page allocations that fail although there is memory, as Linux's {@code fail_page_alloc}: interval, probability, space, times; see {@link FailPageAlloc}.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public BoardOptions failPageAlloc(String value) {
        FailPageAlloc.parse(value);
        failPageAlloc = value;
        return this;
    }

    /** Which rules' violations are reported. */
    public BoardOptions checks(Checks value) {
        checks = value;
        return this;
    }

    /** The run ends after so many instructions over all harts. */
    public BoardOptions maxInstructions(long value) {
        maxInstructions = value;
        return this;
    }

    /** A file that is a disk. */
    public record DiskFile(Path path, boolean readOnly) { }

    public BoardOptions disk(DiskFile file) {
        disks.add(file);
        return this;
    }

    /** The next disk: disk0, disk1, … */
    public BoardOptions disk(Path file) {
        disks.add(new DiskFile(file, false));
        return this;
    }

    /** The next disk, one that cannot be written. */
    public BoardOptions readOnlyDisk(Path file) {
        disks.add(new DiskFile(file, true));
        return this;
    }

    /** The next device in a virtio slot, after all disks; on the {@link BoardKind#VIRT} board, and each kind once. */
    public BoardOptions virtio(VirtioKind value) {
        virtio.add(value);
        return this;
    }

    /** One more driver that is linked into the kernel, after the board's own. The object serves one machine. */
    public BoardOptions driver(Driver driver) {
        drivers.add(driver);
        return this;
    }

    /** {@code disk.gfp}, {@code GFP_KERNEL}. */
    public BoardOptions parameter(String name, String value) {
        driverParameters.put(name, value);
        return this;
    }

    /** Describes the machine without its board. */
    public Machine.Configuration configuration() {
        return new Machine.Configuration(kind.ramBase(), ramBytes, harts, kind.bootRom(), interleaving, seed);
    }

    public BoardKind kind() {
        return kind;
    }

    public int harts() {
        return harts;
    }

    public long ramBytes() {
        return ramBytes;
    }

    public long normalZoneEnd() {
        return normalZoneEnd;
    }

    public long seed() {
        return seed;
    }

    public Interleavings interleaving() {
        return interleaving;
    }

    public DmaPolicy dma() {
        return dma;
    }

    public int copierAddressBits() {
        return copierAddressBits;
    }

    public Checks checks() {
        return checks;
    }

    public long maxInstructions() {
        return maxInstructions;
    }

    public List<DiskFile> disks() {
        return List.copyOf(disks);
    }

    public List<VirtioKind> virtio() {
        return List.copyOf(virtio);
    }

    public List<Driver> drivers() {
        return List.copyOf(drivers);
    }

    /** The options of {@code ferrite run} that describe this machine, a word each. Drivers that were added have none. */
    public List<String> toArguments() {
        List<String> words = new ArrayList<>(List.of("--ram", ramBytes % (1 << 20) == 0 ? (ramBytes >> 20) + "M" : Long.toString(ramBytes),
                "--harts", Integer.toString(harts), "--seed", Long.toString(seed), "--interleaving", interleaving.name().toLowerCase(Locale.ROOT),
                "--dma", dma.name().toLowerCase(Locale.ROOT)));
        if (dmaZoneEnd != 16L << 20 || normalZoneEnd != 896L << 20) {
            words.addAll(List.of("--zones", "dma=" + dmaZoneEnd + ",normal=" + normalZoneEnd));
        }
        if (!owners) {
            words.addAll(List.of("--owners", "off"));
        }
        if (swiotlb != Swiotlb.Mode.ON) {
            words.addAll(List.of("--swiotlb", swiotlb.name().toLowerCase(Locale.ROOT)));
        }
        if (!slubDebug.equals(SlabFlags.DEFAULT_SLUB_DEBUG)) {
            words.addAll(List.of("--slub-debug", slubDebug));
        }
        if (!guardPages) {
            words.addAll(List.of("--guard-pages", "off"));
        }
        if (!failPageAlloc.isEmpty()) {
            words.addAll(List.of("--fail-page-alloc", failPageAlloc));
        }
        if (maxInstructions != Long.MAX_VALUE) {
            words.addAll(List.of("--max-instructions", Long.toString(maxInstructions)));
        }
        disks.forEach(disk -> words.addAll(List.of("--disk", disk.path + (disk.readOnly ? ",ro" : ""))));
        driverParameters.forEach((name, value) -> words.addAll(List.of("-o", name + "=" + value)));
        return words;
    }

    /** The command line that the kernel finds in the device tree. */
    public String bootArguments() {
        StringBuilder line = new StringBuilder();
        if (dmaZoneEnd != 16L << 20) {
            line.append(" zone_dma=").append(dmaZoneEnd);
        }
        if (normalZoneEnd != 896L << 20) {
            line.append(" zone_normal=").append(normalZoneEnd);
        }
        if (!owners) {
            line.append(" owners=off");
        }
        if (swiotlb != Swiotlb.Mode.ON) {
            line.append(" swiotlb=").append(swiotlb.name().toLowerCase(Locale.ROOT));
        }
        if (!slubDebug.equals(SlabFlags.DEFAULT_SLUB_DEBUG)) {
            line.append(" slub_debug=").append(slubDebug);
        }
        if (!guardPages) {
            line.append(" guard_pages=off");
        }
        if (!objectCallSites) {
            line.append(" call_sites=off");
        }
        if (!failPageAlloc.isEmpty()) {
            line.append(' ').append(FailPageAlloc.WORD).append('=').append(failPageAlloc);
        }
        driverParameters.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
        return line.toString().strip();
    }
}
