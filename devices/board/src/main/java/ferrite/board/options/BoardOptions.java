package ferrite.board.options;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.FerriteLayout;
import ferrite.book.BookDrivers;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.Checks;
import ferrite.kernel.dma.Swiotlb;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.mm.FailPageAlloc;
import ferrite.kernel.mm.FailSlab;
import ferrite.kernel.mm.SlabFlags;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options of one machine; the defaults are those of the command line. A mutable value: set the options that differ,
 * then build a {@code Board} with it. {@link MachineOptions} declares the command line's options for them. The devices
 * are in {@link DeviceOptions}.
 */
public final class BoardOptions extends DeviceOptions<BoardOptions> {

    public static final long NO_CLOCK = -1;

    static final long DMA_ZONE_END = 16L << 20;
    static final long NORMAL_ZONE_END = 896L << 20;

    /** The allocations with recorded owners: none, pages and DMA memory, or these and slab objects. */
    enum Owners { ON, OFF, ALL }

    private BoardKind kind = BoardKind.FERRITE;
    private int harts = 4;
    private long ramBytes = 1L << 30;
    private long dmaZoneEnd = DMA_ZONE_END;
    private long normalZoneEnd = NORMAL_ZONE_END;
    private long seed = 1;
    private Translation translation = Translation.ON;
    private Interleavings interleaving = Interleavings.RR;
    private DmaPolicy dma = DmaPolicy.FAULT;
    private Owners owners = Owners.ON;
    private Swiotlb.Mode swiotlb = Swiotlb.Mode.ON;
    private int copierAddressBits = FerriteLayout.COPIER_ADDRESS_BITS;
    /** Empty while no page allocation is made to fail. */
    private String failPageAlloc = "";
    /** Empty while no allocation of an object is made to fail. */
    private String failSlab = "";
    private String slubDebug = SlabFlags.DEFAULT_SLUB_DEBUG;
    private boolean objectCallSites = true;
    private boolean guardPages = true;
    private Checks checks = Checks.DEFAULT;
    private long maxInstructions = Long.MAX_VALUE;
    /** The time at which the run ends, in ticks. */
    private long maxTicks = Long.MAX_VALUE;
    private boolean endsAtReboot;
    private long watchdogSeconds = 60;
    /** The first second of the real-time clock, from 1970; {@link #NO_CLOCK} if none is given. */
    private long rtcSeconds = NO_CLOCK;
    private boolean semihosting;
    /** Null if a program of semihosting has no files. */
    private Path semihostingDirectory;
    /** Null without a root file system. */
    private Path root;
    /** The frequency of mtime; 0 for the board's own. */
    private int timebase;
    private final List<Driver> drivers = new ArrayList<>();
    private final List<String> linked = new ArrayList<>();
    private final List<String> kernelWords = new ArrayList<>();
    private final Map<String, String> driverParameters = new LinkedHashMap<>();

    /** Returns the defaults of {@code ferrite boot}. The defaults of a new object are those of {@code ferrite run}. */
    public static BoardOptions ofBoot() {
        return new BoardOptions().kind(BoardKind.VIRT);
    }

    // ---- setting ----

    /**
     * Sets the board. The mini-kernel runs on {@link BoardKind#FERRITE} alone, which has the DMA controller that it
     * drives.
     */
    public BoardOptions kind(BoardKind value) {
        kind = value;
        return this;
    }

    /** Sets the number of harts, 1 to 8. */
    public BoardOptions harts(int value) {
        harts = value;
        return this;
    }

    public BoardOptions ram(long bytes) {
        ramBytes = bytes;
        return this;
    }

    /** Sets the upper ends of the DMA and NORMAL zones, in bytes. */
    public BoardOptions zones(long dmaEnd, long normalEnd) {
        dmaZoneEnd = dmaEnd;
        normalZoneEnd = normalEnd;
        return this;
    }

    public BoardOptions seed(long value) {
        seed = value;
        return this;
    }

    public BoardOptions translation(Translation value) {
        translation = value;
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

    /** Sets whether the owners of pages and DMA memory are recorded. */
    public BoardOptions owners(boolean record) {
        return owners(record ? Owners.ON : Owners.OFF);
    }

    /** Has the owner of every slab object recorded too. */
    public BoardOptions objectOwners() {
        return owners(Owners.ALL);
    }

    BoardOptions owners(Owners value) {
        owners = value;
        return this;
    }

    /**
     * Sets the checks of the lookaside caches, as Linux's {@code slub_debug}: letters out of FZPU (sanity checks, red
     * zones, poison, owners), or {@code off}; then optionally a comma and the names of caches. It changes how objects
     * lie in memory.
     */
    public BoardOptions slubDebug(String value) {
        SlabFlags.check(value);
        slubDebug = value;
        return this;
    }

    /** Sets whether the owner of an object includes the line of source, which takes a microsecond of the host. */
    public BoardOptions objectCallSites(boolean record) {
        objectCallSites = record;
        return this;
    }

    /**
     * Sets whether the frame after each block of pages is kept free while there is plenty of memory, so that writing
     * past a block is noticed.
     */
    public BoardOptions guardPages(boolean keep) {
        guardPages = keep;
        return this;
    }

    /** Sets the use of bounce buffers for mapped DMA: where they are needed, never, or for every mapping. */
    public BoardOptions swiotlb(Swiotlb.Mode value) {
        swiotlb = value;
        return this;
    }

    /**
     * Sets the number of address wires of the copy engine, 24 to 32. The command line has no option for it:
     * {@code -o copier.width=N} has the driver use fewer of the wires.
     */
    public BoardOptions copierAddressBits(int value) {
        copierAddressBits = value;
        return this;
    }

    /**
     * Makes page allocations fail although there is memory, as Linux's {@code fail_page_alloc}: interval, probability,
     * space, times; see {@link FailPageAlloc}.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public BoardOptions failPageAlloc(String value) {
        FailPageAlloc.parse(value);
        failPageAlloc = value;
        return this;
    }

    /**
     * Makes allocations of objects fail although there is memory: {@code N} fails every N-th one after boot, and {@code
     * N,once} only the N-th; see {@link FailSlab}.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public BoardOptions failSlab(String value) {
        FailSlab.check(value);
        failSlab = value;
        return this;
    }

    /** Sets the rules that are checked. */
    public BoardOptions checks(Checks value) {
        checks = value;
        return this;
    }

    /** Ends the run after this many instructions over all harts. */
    public BoardOptions maxInstructions(long value) {
        maxInstructions = value;
        return this;
    }

    /** Ends the run after this much of the machine's time, in ticks of its clock. */
    public BoardOptions maxTicks(long value) {
        maxTicks = value;
        return this;
    }

    /** Ends the run when a bare program asks for a reboot. */
    public BoardOptions endsAtReboot(boolean value) {
        endsAtReboot = value;
        return this;
    }

    /**
     * Sets the host's time without progress after which {@code ferrite run} ends the run; 0 is never. The machine does
     * not depend on it, and no other use of a machine has a watchdog.
     */
    public BoardOptions watchdogSeconds(long value) {
        watchdogSeconds = value;
        return this;
    }

    /** Serves a bare program's calls of semihosting. */
    public BoardOptions semihosting(boolean value) {
        semihosting = value;
        return this;
    }

    /** Sets the directory of the files that a program of semihosting may use. */
    public BoardOptions semihostingDirectory(Path value) {
        semihostingDirectory = value;
        return this;
    }

    /**
     * Adds a real-time clock, or sets the one of the virt board.
     *
     * @param date its date in UTC when the machine is switched on: {@code 2026-11-30T09:00:00Z}
     * @throws IllegalArgumentException with a sentence
     */
    public BoardOptions rtc(String date) {
        return rtcSeconds(RtcDate.parse(date));
    }

    /** As {@link #rtc}, with the seconds since 1970; {@link #NO_CLOCK} for none but the board's own. */
    public BoardOptions rtcSeconds(long value) {
        rtcSeconds = value;
        return this;
    }

    /** Sets the folder, or the cpio archive, whose files the mini-kernel's programs see. */
    public BoardOptions root(Path value) {
        root = value;
        return this;
    }

    /** Sets the frequency of the real-time counter of a bare machine, in hertz: 10 or 100 million. */
    public BoardOptions timebase(int hertz) {
        timebase = hertz;
        return this;
    }

    /** Adds a driver to those that are linked into the kernel. The object serves one machine. */
    public BoardOptions driver(Driver driver) {
        drivers.add(driver);
        return this;
    }

    /** Links one of {@link BookDrivers} into the kernel, which probes it at boot as a built-in driver. */
    public BoardOptions link(String name) {
        linked.add(name);
        return this;
    }

    /** Sets a driver's parameter, for example {@code disk.gfp} to {@code GFP_KERNEL}. */
    public BoardOptions parameter(String name, String value) {
        driverParameters.put(name, value);
        return this;
    }

    @Override
    BoardOptions self() {
        return this;
    }

    // ---- reading ----

    public BoardKind kind() {
        return kind;
    }

    public int harts() {
        return harts;
    }

    public long ramBytes() {
        return ramBytes;
    }

    long dmaZoneEnd() {
        return dmaZoneEnd;
    }

    public long normalZoneEnd() {
        return normalZoneEnd;
    }

    public long seed() {
        return seed;
    }

    public Translation translation() {
        return translation;
    }

    public Interleavings interleaving() {
        return interleaving;
    }

    public DmaPolicy dma() {
        return dma;
    }

    Owners owners() {
        return owners;
    }

    Swiotlb.Mode swiotlb() {
        return swiotlb;
    }

    public int copierAddressBits() {
        return copierAddressBits;
    }

    String failPageAlloc() {
        return failPageAlloc;
    }

    String failSlab() {
        return failSlab;
    }

    String slubDebug() {
        return slubDebug;
    }

    boolean guardPages() {
        return guardPages;
    }

    public Checks checks() {
        return checks;
    }

    public long maxInstructions() {
        return maxInstructions;
    }

    public long maxTicks() {
        return maxTicks;
    }

    public boolean endsAtReboot() {
        return endsAtReboot;
    }

    public boolean semihosting() {
        return semihosting;
    }

    /** Returns the directory of the files that a program of semihosting may use; null if it has none. */
    public Path semihostingDirectory() {
        return semihostingDirectory;
    }

    /** Returns whether the machine has a real-time clock. */
    public boolean hasRtc() {
        return rtcSeconds() != NO_CLOCK;
    }

    /** The first second of the real-time clock, from 1970. */
    public long rtcSeconds() {
        return rtcSeconds == NO_CLOCK && kind == BoardKind.VIRT ? RtcDate.OF_VIRT : rtcSeconds;
    }

    /** The folder or the archive of the root file system; null for none. */
    public Path root() {
        return root;
    }

    public long watchdogSeconds() {
        return watchdogSeconds;
    }

    /** The frequency of the real-time counter, in hertz. */
    public int timebase() {
        return timebase == 0 ? kind.timebase() : timebase;
    }

    public List<Driver> drivers() {
        return List.copyOf(drivers);
    }

    public List<String> linked() {
        return List.copyOf(linked);
    }

    /**
     * Adds a word to the kernel's command line that no option stands for, such as {@code failslab=3,probe,once}. For
     * tests.
     */
    public BoardOptions kernelWord(String word) {
        kernelWords.add(word);
        return this;
    }

    /** Returns {@code NAME=VALUE} for each parameter that is set. */
    List<String> driverParameters() {
        return driverParameters.entrySet().stream().map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                .toList();
    }

    /** Describes the machine without its board. */
    public Machine.Configuration configuration() {
        return new Machine.Configuration(kind.ramBase(), ramBytes, harts, kind.bootRom(), interleaving, seed);
    }

    /** Returns the command line that the kernel finds in the device tree. */
    public String bootArguments() {
        List<String> arguments = new ArrayList<>(MachineOptions.bootArguments(this));
        arguments.addAll(kernelWords());
        return String.join(" ", arguments);
    }

    /** Returns the words of the kernel's command line that no option stands for. */
    List<String> kernelWords() {
        List<String> words = new ArrayList<>(objectCallSites ? List.of() : List.of("call_sites=off"));
        words.addAll(kernelWords);
        return words;
    }
}
