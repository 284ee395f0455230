package ferrite.board.command;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardLimits;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.Checks;
import ferrite.kernel.dma.Swiotlb;
import ferrite.kernel.mm.SlabFlags;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options that say what machine it is. */
final class MachineOptions {

    private static final String READ_ONLY = ",ro";

    @Option(names = "--board", paramLabel = "ferrite|virt", description = "memory map (default: ferrite for run, virt for boot)")
    private String board;

    @Option(names = "--harts", paramLabel = "N", defaultValue = "4", description = "1 to 8 harts (default: ${DEFAULT-VALUE})")
    private int harts;

    @Option(names = "--ram", paramLabel = "SIZE", defaultValue = "1G", converter = Size.class,
            description = "RAM, 8M to 3840M (2G on virt); K, M, G are 1024-based (default: ${DEFAULT-VALUE})")
    private long ram;

    @Option(names = "--zones", paramLabel = "dma=SIZE,normal=SIZE", defaultValue = "dma=16M,normal=896M",
            description = "upper ends of the zones (default: ${DEFAULT-VALUE})")
    private String zones;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "of everything that is chosen at random (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--interleaving", paramLabel = "rr|random|pct", defaultValue = "rr", description = "which hart runs next (default: ${DEFAULT-VALUE})")
    private String interleaving;

    @Option(names = "--dma", paramLabel = "fault|wrap", defaultValue = "fault",
            description = "what the DMA controller does with an address it cannot drive (default: ${DEFAULT-VALUE})")
    private String dma;

    @Option(names = "--swiotlb", paramLabel = "on|off|force", defaultValue = "on",
            description = "bounce buffers for mapped DMA: where they are needed, never, or for every mapping (default: ${DEFAULT-VALUE})")
    private String swiotlb;

    @Option(names = "--owners", paramLabel = "on|off|all", defaultValue = "on",
            description = "record who allocated what, and where; all: slab objects too (default: ${DEFAULT-VALUE})")
    private String owners;

    @Option(names = "--fail-page-alloc", paramLabel = "INTERVAL,PROBABILITY,SPACE,TIMES",
            description = "once SPACE bytes are allocated, every INTERVAL-th page allocation fails with PROBABILITY percent, TIMES times (-1: always)")
    private String failPageAlloc;

    @Option(names = "--slub-debug", paramLabel = "off|FZPU[,CACHE...]", defaultValue = SlabFlags.DEFAULT_SLUB_DEBUG,
            description = "what the lookaside caches check: sanity, red zones, poison, owners (default: ${DEFAULT-VALUE})")
    private String slubDebug;

    @Option(names = "--guard-pages", paramLabel = "on|off", defaultValue = "on",
            description = "keep the page behind each block free while there is plenty, so that writing past a block is noticed (default: ${DEFAULT-VALUE})")
    private String guardPages;

    @Option(names = "--check", paramLabel = "all|default|none|RULE,...", defaultValue = "default",
            description = "which rules are checked; 'ferrite checks' lists them (default: ${DEFAULT-VALUE})")
    private String check;

    @Option(names = "--disk", paramLabel = "FILE[,ro]", description = "a disk; with ,ro one that cannot be written; again for disk1, disk2, ...")
    private List<String> disks = new ArrayList<>();

    @Option(names = "--max-instructions", paramLabel = "N", description = "end after N instructions over all harts")
    private Long maxInstructions;

    @Option(names = "--json", description = "one line of JSON on standard output for each command and each violation, and nothing else there")
    private boolean json;

    boolean json() {
        return json;
    }

    /** The board that was named, or the command's own. */
    BoardKind kind(BoardKind byDefault) {
        return board == null ? byDefault : BoardKind.valueOf(choose("--board", board, "ferrite", "virt").toUpperCase(Locale.ROOT));
    }

    BoardOptions toBoardOptions(BoardKind byDefault) {
        BoardKind kind = kind(byDefault);
        if (harts < 1 || harts > Machine.MAX_HARTS) {
            throw new UsageException("--harts " + harts + ": a machine has 1 to " + Machine.MAX_HARTS + " harts");
        }
        BoardOptions options = new BoardOptions().kind(kind).harts(harts).ram(BoardLimits.checkRam(kind, ram)).seed(seed)
                .interleaving(Interleavings.valueOf(choose("--interleaving", interleaving, "rr", "random", "pct").toUpperCase(Locale.ROOT)))
                .dma(DmaPolicy.valueOf(choose("--dma", dma, "fault", "wrap").toUpperCase(Locale.ROOT)))
                .owners(!choose("--owners", owners, "on", "off", "all").equals("off")).checks(checks());
        options.swiotlb(Swiotlb.Mode.valueOf(choose("--swiotlb", swiotlb, "on", "off", "force").toUpperCase(Locale.ROOT)));
        options.guardPages(choose("--guard-pages", guardPages, "on", "off").equals("on"));
        setSlubDebug(options);
        setZones(options);
        if (failPageAlloc != null) {
            setFailures(options);
        }
        disks.forEach(disk -> addDisk(options, disk));
        if (disks.size() > BoardLimits.MOST_DISKS) {
            throw new UsageException("--disk is given " + disks.size() + " times; the controller takes " + BoardLimits.MOST_DISKS + " drives");
        }
        if (maxInstructions != null && maxInstructions < 0) {
            throw new UsageException("--max-instructions " + maxInstructions + ": a number of instructions is not negative");
        }
        return maxInstructions == null ? options : options.maxInstructions(maxInstructions);
    }

    private void setSlubDebug(BoardOptions options) {
        try {
            options.slubDebug(slubDebug);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--slub-debug " + slubDebug + ": " + e.getMessage());
        }
        if (owners.equals("all")) {
            options.objectOwners();
        }
    }

    private Checks checks() {
        try {
            return Checks.parse(check);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--check " + check + ": " + e.getMessage());
        }
    }

    static String choose(String option, String value, String... known) {
        for (String one : known) {
            if (one.equals(value)) {
                return one;
            }
        }
        throw new UsageException(option + " " + value + ": " + String.join(" or ", known) + " would be right");
    }

    private void setFailures(BoardOptions options) {
        try {
            options.failPageAlloc(failPageAlloc);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--fail-page-alloc " + failPageAlloc + ": " + e.getMessage());
        }
    }

    private void setZones(BoardOptions options) {
        long dmaEnd = 16L << 20;
        long normalEnd = 896L << 20;
        for (String part : zones.split(",", -1)) {
            if (part.startsWith("dma=")) {
                dmaEnd = zoneEnd(part.substring(4));
            } else if (part.startsWith("normal=")) {
                normalEnd = zoneEnd(part.substring(7));
            } else {
                throw new UsageException("--zones " + zones + ": dma=SIZE,normal=SIZE is expected");
            }
        }
        BoardLimits.checkZones(dmaEnd, normalEnd);
        options.zones(dmaEnd, normalEnd);
    }

    private long zoneEnd(String text) {
        try {
            return Size.parse(text);
        } catch (RuntimeException e) {
            throw new UsageException("--zones " + zones + ": " + e.getMessage());
        }
    }

    private static void addDisk(BoardOptions options, String disk) {
        boolean readOnly = disk.endsWith(READ_ONLY);
        try {
            Path file = Path.of(readOnly ? disk.substring(0, disk.length() - READ_ONLY.length()) : disk);
            if (readOnly) {
                options.readOnlyDisk(file);
            } else {
                options.disk(file);
            }
        } catch (InvalidPathException e) {
            throw new UsageException("--disk " + disk + ": that is no path of this host");
        }
    }
}
