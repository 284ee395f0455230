package ferrite.board.options;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.InputTarget;
import ferrite.board.layout.VirtioKind;
import ferrite.book.BookDrivers;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.report.Durations;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Rule;
import ferrite.kernel.dma.Swiotlb;
import ferrite.kernel.mm.FailPageAlloc;
import ferrite.kernel.mm.FailSlab;
import ferrite.peripherals.fault.Fault;
import ferrite.peripherals.fault.FaultyDevice;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The options that describe a machine, each declared once. Their order is the order in which they are read and written,
 * so an option may rely on those before it.
 */
public final class MachineOptions {

    private static final String READ_ONLY = ",ro";
    private static final Pattern DISK = Pattern.compile("(.*?)(,ro)?(?:,slot=([0-9]{1,4}))?", Pattern.DOTALL);
    private static final Pattern VIRTIO = Pattern.compile("(.*?)(?:,slot=([0-9]{1,4}))?", Pattern.DOTALL);
    private static final String OFF = "off";
    private static final int MILLION = 1_000_000;
    private static final int[] TIMEBASES = {10 * MILLION, 100 * MILLION};
    private static final int MAX_WATCHDOG_SECONDS = 1_000_000;
    private static final String NO_PAGE_ALLOCATOR =
            "a bare program has no page allocator; the mini-kernel has, which 'ferrite run' boots";

    private static final MachineOption SEED = MachineOption.number("--seed",
            "N", "of everything that is chosen at random",
            (options, text) -> options.seed(wholeNumber(text)), BoardOptions::seed).saved().build();

    /** All options, in the order in which they are read and written. */
    public static final List<MachineOption> ALL = List.of(
            MachineOption.choice("--board", "memory map", BoardKind.values(), BoardOptions::kind, BoardOptions::kind)
            .saved().build(),

            MachineOption.number("--harts", "N", "1 to " + Machine.MAX_HARTS + " harts", MachineOptions::readHarts,
                    BoardOptions::harts).saved().build(),

            MachineOption.text("--ram", "SIZE", "RAM, 8M to 3840M (2G on virt); K, M, G are 1024-based",
                    (options, text) -> options.ram(BoardLimits.checkRam(options.kind(), BoardLimits.parseSize(text))),
                    options -> BoardLimits.show(options.ramBytes())).saved().build(),

            MachineOption.text("--zones", "dma=SIZE,normal=SIZE", "upper ends of the zones", MachineOptions::readZones,
                    options -> "dma=" + BoardLimits.show(options.dmaZoneEnd())
                            + ",normal=" + BoardLimits.show(options.normalZoneEnd()))
                    .refusedByBoot("a bare program has no zones; they are the mini-kernel's, which 'ferrite run' boots")
                    .bootArguments(MachineOptions::zoneArguments).build(),

            SEED,

            MachineOption.choice("--interleaving", "which hart runs next", Interleavings.values(),
                    BoardOptions::interleaving, BoardOptions::interleaving).saved().build(),

            MachineOption.choice("--translate", "translate frequent machine code to JVM bytecode, or all of it "
                    + "(eager); the run is the same", Translation.values(), BoardOptions::translation,
                    BoardOptions::translation).build(),

            MachineOption.choice("--dma", "how the DMA controller treats an address that it cannot drive",
                    DmaPolicy.values(), BoardOptions::dma, BoardOptions::dma)
                    .onlyOn(BoardKind.FERRITE, "the virt board has no DMA controller; --board ferrite has")
                    .saved().build(),

            MachineOption.choice("--owners",
                    "record the owner of each allocation, and its place in the source; all: slab objects too",
                    BoardOptions.Owners.values(), BoardOptions::owners, BoardOptions::owners)
                    .refusedByBoot("a bare program has no allocator to watch; 'ferrite run' has")
                    .bootArguments(options -> options.owners() == BoardOptions.Owners.OFF ? List.of("owners=off")
                            : List.of()).build(),

            MachineOption.choice("--swiotlb",
                    "bounce buffers for mapped DMA: where they are needed, never, or for every mapping",
                    new Swiotlb.Mode[] {Swiotlb.Mode.ON, Swiotlb.Mode.OFF, Swiotlb.Mode.FORCE},
                    BoardOptions::swiotlb, BoardOptions::swiotlb)
                    .refusedByBoot("a bare program has no bounce buffers but its own; 'ferrite run' has")
                    .bootArgument("swiotlb").build(),

            MachineOption.text("--slub-debug", "off|FZPU[,CACHE...]",
                    "checks of the lookaside caches: sanity, red zones, poison, owners",
                    BoardOptions::slubDebug, BoardOptions::slubDebug)
                    .refusedByBoot(
                            "a bare program has no lookaside caches; the mini-kernel has, which 'ferrite run' boots")
                    .bootArguments(MachineOptions::slubArguments).build(),

            MachineOption.choice("--guard-pages", "keep the page after each block free while there is "
                    + "plenty, so that writing past a block is noticed",
                    OnOff.values(), (options, value) -> options.guardPages(value == OnOff.ON),
                    options -> options.guardPages() ? OnOff.ON : OnOff.OFF)
                    .refusedByBoot(NO_PAGE_ALLOCATOR).bootArgument("guard_pages").build(),

            MachineOption.text("--fail-page-alloc", "INTERVAL,PROBABILITY,SPACE,TIMES",
                    "once SPACE bytes are allocated, every INTERVAL-th page allocation fails with PROBABILITY percent, "
                            + "TIMES times (-1: always)", BoardOptions::failPageAlloc, BoardOptions::failPageAlloc)
                    .refusedByBoot(NO_PAGE_ALLOCATOR).bootArgument(FailPageAlloc.WORD).build(),

            MachineOption.text("--fail-slab", "N[,once]",
                    "every N-th allocation of an object after boot fails; with once, only the N-th",
                    BoardOptions::failSlab, BoardOptions::failSlab)
                    .refusedByBoot(
                            "a bare program has no lookaside caches; the mini-kernel has, which 'ferrite run' boots")
                    .bootArgument(FailSlab.WORD).build(),

            MachineOption.text("--check", "all|default|none|RULE,...",
                    "the rules that are checked; 'ferrite checks' lists them",
                    (options, text) -> options.checks(Checks.parse(text)), options -> write(options.checks()))
                    .refusedByBoot("the rules are the mini-kernel's, which 'ferrite run' boots").build(),

            MachineOption.list("--disk", "FILE[,ro][,slot=N]",
                    "a disk, whose file no other process may use meanwhile; with ,ro one that cannot be written, "
                    + "and whose file others may read; for 'boot' in virtio slot N; again for disk1, disk2, ...",
                    (options, text) -> options.disk(diskFile(text)),
                    options -> options.disks().stream().map(MachineOptions::write).toList()).build(),

            MachineOption.text("--sound", "in=WAV,out=WAV",
                    "a sound card: the file that /dev/dsp records from, the file that it plays to, or both",
                    MachineOptions::readSound,
                    options -> options.sound() == null ? "" : writeSound(options.sound()))
                    .refusedByBoot("a bare program has no sound card; 'ferrite run' has").build(),

            MachineOption.text("--rtc", "DATE|host", "a real-time clock (/dev/rtc0, date), and its date in UTC when "
                    + "the machine is switched on, for example 2026-11-30T09:00:00Z; host: the date of now (the virt "
                    + "board has one without this option, at 2026-01-01T00:00:00Z)", BoardOptions::rtc,
                    options -> options.rtcSeconds() == new BoardOptions().kind(options.kind()).rtcSeconds() ? ""
                            : RtcDate.write(options.rtcSeconds())).saved().build(),

            MachineOption.text("--serial-in", "FILE",
                    "a file whose bytes come over the serial line when a program reads /dev/ttyS0",
                    (options, text) -> options.serialInput(path(text)),
                    options -> options.serialInput() == null ? "" : options.serialInput().toString())
                    .onlyForRun().build(),

            MachineOption.text("--root", "DIR|CPIO", "a folder, or a cpio archive (newc): programs for 'exec', and the "
                    + "files that they see; they cannot write them",
                    (options, text) -> options.root(path(text)),
                    options -> options.root() == null ? "" : options.root().toString())
                    .refusedByBoot("a bare program has no file system but its own; --initrd gives it an archive")
                    .build(),

            MachineOption.text("--host-files", "DIR", "the one directory whose files cp and dd name as host:FILE",
                    (options, text) -> options.hostFiles(path(text)),
                    options -> options.hostFiles() == null ? "" : options.hostFiles().toString())
                    .refusedByBoot("a bare program has no cp and dd; --semihosting-dir gives it files of the host")
                    .build(),

            MachineOption.list("--device", "FILE.jar[,at=0xf0100000][,irq=N][,dma=CHANNEL][,PARAM=VALUE]",
                    "a device of your own, whose model is in a jar (Ferrite-Device); the board chooses the address, "
                    + "the interrupt and the DMA channel that are not given; again for more devices",
                    (options, text) -> options.device(DevicePlug.ofJar(text)), options -> options.devices().stream()
                    .filter(device -> device.jar() != null).map(DevicePlug::toString).toList()).build(),

            MachineOption.list("--virtio-disk", "FILE[,ro]", "a virtio disk, /dev/vda, /dev/vdb, ..., otherwise as "
                    + "--disk", (options, text) -> options.virtioDisk(diskFile(text)),
                    options -> options.virtioDisks().stream().map(MachineOptions::write).toList())
                    .refusedByBoot("a bare program's disks are those of --disk; on the virt board they are virtio "
                            + "disks").build(),

            MachineOption.list("--virtio", "console|entropy[,...][,slot=N]", "a virtio device in the next slot after "
                    + "those of the virtio disks, or for 'boot' in slot N; for 'run' /dev/hvc0, which shares the "
                    + "serial line, and /dev/hwrng",
                    MachineOptions::readVirtio, options -> options.virtio().stream()
                            .map(kind -> MachineOption.word(kind) + write(options.virtioSlot(kind))).toList())
                    .onlyOn(BoardKind.VIRT, "a bare program has virtio slots on the virt board alone; --board virt has "
                            + "them").saved().build(),

            MachineOption.choice("--semihosting", "serve a program's calls of semihosting: files, console, time, its "
                    + "end", OnOff.values(), (options, value) -> options.semihosting(value == OnOff.ON),
                    options -> options.semihosting() ? OnOff.ON : OnOff.OFF).onlyForBoot().saved().build(),

            MachineOption.text("--semihosting-dir", "DIR", "the one directory whose files --semihosting on gives to "
                    + "the program; a snapshot holds their names and positions, and --restore opens them again",
                    (options, text) -> options.semihostingDirectory(path(text)),
                    options -> options.semihostingDirectory() == null ? ""
                            : options.semihostingDirectory().toString()).onlyForBoot().build(),

            MachineOption.list("--fault", "DEVICE=KIND@WHEN", "a fault of " + FaultyDevice.words() + ": error, short "
                    + "(transfer), lost or spurious (interrupt), slow, wrong (data), overrun (of a buffer), removed, "
                    + "at request N, from it on (N+), or at P percent of the requests", MachineOptions::readFault,
                    options -> options.faults().stream().map(Fault::toString).toList())
                    .refusedByBoot("a bare program's devices have no faults; those of 'ferrite run' have").build(),

            MachineOption.text("--net", "in=PCAP,out=PCAP[,first=SECONDS][,mac=ADDRESS]|peer[=ADDRESS][,out=PCAP]"
                    + "[,card=nic]", "a network card in the next virtio slot: the file whose frames it receives at "
                    + "their times after power-on, the file that takes the frames that it sends, or both; first= is "
                    + "the time of the first frame; or a host that answers ARP, ping and UDP echo, by default at "
                    + "10.0.0.2; for 'run' eth0, and with card=nic a card with rings of descriptors instead of virtio",
                    (options, text) -> options.net(NetPlug.of(text)),
                    options -> options.net() == null || options.cable() != null ? "" : options.net().toString())
                    .onlyOn(BoardKind.VIRT, "a bare program has virtio slots on the virt board alone; --board virt has "
                            + "them").build(),

            MachineOption.flag("--virtio-legacy", "virtio devices with the legacy interface, version 1, as QEMU has "
                    + "them by default", BoardOptions::virtioLegacy, BoardOptions::virtioLegacy)
                    .onlyForBoot().onlyOn(BoardKind.VIRT, "the ferrite board has no virtio slots; --board virt has")
                    .saved().build(),

            MachineOption.text("--timebase", "10M|100M", "frequency of mtime and the time CSR, in hertz: as in QEMU, "
                    + "or one count for each instruction (default: 10M on virt, 100M on ferrite)",
                    MachineOptions::readTimebase, options -> options.timebase() == options.kind().timebase() ? ""
                            : writeTimebase(options.timebase())).onlyForBoot().saved().build(),

            MachineOption.choice("--input", "the console that standard input goes to beside a virtio console; of both, "
                    + "each one gets all of it", InputTarget.values(), BoardOptions::input, BoardOptions::input)
                    .onlyForBoot().onlyOn(BoardKind.VIRT, "the ferrite board has the serial line alone; --board virt "
                    + "has a virtio console").saved().build(),

            MachineOption.text("--max-instructions", "N", "end after N instructions over all harts",
                    MachineOptions::readMaxInstructions, options -> options.maxInstructions() == Long.MAX_VALUE ? ""
                            : Long.toString(options.maxInstructions())).build(),

            MachineOption.text("--max-time", "DURATION", "end after so much of the machine's time, with exit status "
                    + "124: 90s, 1500ms, 20us, 2m, 1h",
                    (options, text) -> options.maxTicks(Durations.parse(text)),
                    options -> options.maxTicks() == Long.MAX_VALUE ? "" : Durations.write(options.maxTicks()))
                    .build(),

            MachineOption.flag("--no-reboot", "end when the program asks for a reboot, with exit status 0, or 1 if it "
                    + "names a failure as the reason", BoardOptions::endsAtReboot, BoardOptions::endsAtReboot)
                    .onlyForBoot().build(),

            MachineOption.text("--watchdog", "SECONDS|off", "end the run after so much of the host's time in which "
                    + "nothing happens, as in a driver's endless loop",
                    MachineOptions::readWatchdog, options -> options.watchdogSeconds() == 0 ? OFF
                            : Long.toString(options.watchdogSeconds())).onlyForRun().build(),

            MachineOption.list("--link", "NAME[,...]", "link a driver of the book's into the kernel, in place of "
                    + "insmod NAME, so that it gets boot-time memory: " + String.join(", ", BookDrivers.names()),
                    MachineOptions::readLinked, BoardOptions::linked).onlyForRun().build(),

            MachineOption.list("-o", "DRIVER.PARAM=VALUE", "sets a driver's parameter, for example "
                    + "disk.gfp=GFP_KERNEL; disk.driver=none leaves the disk to a driver of your own",
                    MachineOptions::readParameter, BoardOptions::driverParameters)
            .onlyForRun().bootArguments(BoardOptions::driverParameters).build());

    private enum OnOff { ON, OFF }

    private MachineOptions() { }

    /**
     * Sets the options that a command line gives.
     *
     * @param given returns the texts of the option with this name, in their order; none for an option that is not given
     * @throws IllegalArgumentException with a sentence that begins with the option
     */
    public static void read(BoardOptions options, Function<String, List<String>> given) {
        for (MachineOption option : ALL) {
            given.apply(option.name()).forEach(text -> option.set(options, text));
        }
        BoardLimits.checkDevices(options);
        BoardLimits.checkBootMemory(options);
    }

    /**
     * Sets one option, as the command line does.
     *
     * @throws IllegalArgumentException with a sentence that begins with the option
     */
    public static void set(BoardOptions options, String name, String text) {
        ALL.stream().filter(option -> option.name().equals(name)).findFirst().orElseThrow().set(options, text);
    }

    /**
     * Returns the words of {@code ferrite run} that describe the machine: the seed, and every option that differs from
     * its default.
     */
    public static List<String> words(BoardOptions options) {
        return words(options, new BoardOptions(), MachineOption::isForRun);
    }

    /**
     * Returns the words of a command that describe the machine.
     *
     * @param defaults of the command
     * @param taken    tells which options the command takes
     */
    static List<String> words(BoardOptions options, BoardOptions defaults, Predicate<MachineOption> taken) {
        return ALL.stream().filter(taken)
                .filter(option -> option == SEED || !option.write(options).equals(option.write(defaults)))
                .flatMap(option -> option.words(options).stream()).toList();
    }

    static List<String> bootArguments(BoardOptions options) {
        return ALL.stream().flatMap(option -> option.bootArguments(options).stream()).toList();
    }

    // ---- readers and writers ----

    /** Reads a number of 64 bits. {@code Long.parseLong} alone would take the digits of every script. */
    private static long wholeNumber(String text) {
        if (!text.matches("[+-]?[0-9]+")) {
            throw new IllegalArgumentException("a whole number is expected");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE
                    + " is expected");
        }
    }

    private static void readHarts(BoardOptions options, String text) {
        long harts = wholeNumber(text);
        if (harts < 1 || harts > Machine.MAX_HARTS) {
            throw new IllegalArgumentException("a machine has 1 to " + Machine.MAX_HARTS + " harts");
        }
        options.harts((int) harts);
    }

    private static void readTimebase(BoardOptions options, String text) {
        for (int hertz : TIMEBASES) {
            if (text.equals(writeTimebase(hertz))) {
                options.timebase(hertz);
                return;
            }
        }
        throw new IllegalArgumentException("10M or 100M would be right");
    }

    private static String writeTimebase(int hertz) {
        return hertz / MILLION + "M";
    }

    private static void readMaxInstructions(BoardOptions options, String text) {
        long instructions = wholeNumber(text);
        if (instructions < 0) {
            throw new IllegalArgumentException("a number of instructions is not negative");
        }
        options.maxInstructions(instructions);
    }

    private static void readWatchdog(BoardOptions options, String text) {
        long seconds = text.equals(OFF) ? 0 : wholeNumber(text);
        if (!text.equals(OFF) && (seconds < 1 || seconds > MAX_WATCHDOG_SECONDS)) {
            throw new IllegalArgumentException("1 to " + MAX_WATCHDOG_SECONDS + " seconds are expected, or off");
        }
        options.watchdogSeconds(seconds);
    }

    private static void readZones(BoardOptions options, String text) {
        long dmaEnd = options.dmaZoneEnd();
        long normalEnd = options.normalZoneEnd();
        for (String part : text.split(",", -1)) {
            if (part.startsWith("dma=")) {
                dmaEnd = BoardLimits.parseSize(part.substring("dma=".length()));
            } else if (part.startsWith("normal=")) {
                normalEnd = BoardLimits.parseSize(part.substring("normal=".length()));
            } else {
                throw new IllegalArgumentException("dma=SIZE,normal=SIZE is expected");
            }
        }
        BoardLimits.checkZones(dmaEnd, normalEnd);
        options.zones(dmaEnd, normalEnd);
    }

    private static List<String> zoneArguments(BoardOptions options) {
        List<String> arguments = new ArrayList<>();
        if (options.dmaZoneEnd() != BoardOptions.DMA_ZONE_END) {
            arguments.add("zone_dma=" + options.dmaZoneEnd());
        }
        if (options.normalZoneEnd() != BoardOptions.NORMAL_ZONE_END) {
            arguments.add("zone_normal=" + options.normalZoneEnd());
        }
        return arguments;
    }

    private static List<String> slubArguments(BoardOptions options) {
        String slubDebug = options.slubDebug();
        if (options.owners() == BoardOptions.Owners.ALL) {
            slubDebug = withOwners(slubDebug);
        }
        return slubDebug.equals(new BoardOptions().slubDebug()) ? List.of() : List.of("slub_debug=" + slubDebug);
    }

    /**
     * Adds the owners of slab objects to the checks of every cache. A list of caches cannot be kept beside that: all
     * caches get all checks then.
     */
    private static String withOwners(String slubDebug) {
        if (slubDebug.startsWith("off") || slubDebug.startsWith("-")) {
            return "U";
        }
        if (slubDebug.contains(",") || slubDebug.equals("on")) {
            return "FZPU";
        }
        return slubDebug.toUpperCase(Locale.ROOT).contains("U") ? slubDebug : slubDebug + "U";
    }

    private static String write(Checks checks) {
        List<Rule> checked = checkedBy(checks);
        if (checked.equals(checkedBy(Checks.DEFAULT))) {
            return "default";
        }
        if (checked.equals(checkedBy(Checks.ALL))) {
            return "all";
        }
        return checked.isEmpty() ? "none" : checked.stream().map(Rule::text).collect(Collectors.joining(","));
    }

    private static List<Rule> checkedBy(Checks checks) {
        return Arrays.stream(Rule.values()).filter(checks::has).toList();
    }

    /** Reads {@code FILE[,ro][,slot=N]}; these words end the text, in this order. */
    private static DeviceOptions.DiskFile diskFile(String text) {
        Matcher words = DISK.matcher(text);
        if (!words.matches()) {
            throw new IllegalArgumentException("FILE[,ro][,slot=N] is expected");
        }
        return new DeviceOptions.DiskFile(path(words.group(1)), words.group(2) != null, slot(words.group(3)));
    }

    /** Returns the number of a slot; any slot if there is no number. */
    private static int slot(String digits) {
        return digits == null ? DeviceOptions.ANY_SLOT : Integer.parseInt(digits);
    }

    private static String write(DeviceOptions.DiskFile disk) {
        return disk.path() + (disk.readOnly() ? READ_ONLY : "") + write(disk.slot());
    }

    private static String write(int slot) {
        return slot == DeviceOptions.ANY_SLOT ? "" : ",slot=" + slot;
    }

    private static void readSound(BoardOptions options, String text) {
        Path in = null;
        Path out = null;
        for (String part : text.split(",", -1)) {
            if (part.startsWith("in=") && in == null) {
                in = path(part.substring("in=".length()));
            } else if (part.startsWith("out=") && out == null) {
                out = path(part.substring("out=".length()));
            } else {
                throw new IllegalArgumentException("in=WAV,out=WAV is expected, or one of the two");
            }
        }
        options.sound(in, out);
    }

    private static String writeSound(BoardOptions.Sound sound) {
        return Stream.of(sound.in() == null ? null : "in=" + sound.in(), sound.out() == null ? null
                : "out=" + sound.out()).filter(Objects::nonNull).collect(Collectors.joining(","));
    }

    static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the name of a file is expected, and it is empty");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("that is no path of this host");
        }
    }

    private static void readVirtio(BoardOptions options, String text) {
        Matcher words = VIRTIO.matcher(text);
        if (!words.matches()) {
            throw new IllegalArgumentException("KIND[,slot=N] is expected");
        }
        List<String> kinds = List.of(words.group(1).split(",", -1));
        if (words.group(2) != null && kinds.size() > 1) {
            throw new IllegalArgumentException("a slot is for one device; give --virtio once for each");
        }
        for (String word : kinds) {
            VirtioKind kind = Arrays.stream(VirtioKind.values())
                    .filter(each -> MachineOption.word(each).equals(word)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("console or entropy would be right"));
            if (options.virtio().contains(kind)) {
                throw new IllegalArgumentException(word + " is given more than once; a board has one at most");
            }
            options.virtio(kind, slot(words.group(2)));
        }
    }

    private static void readFault(BoardOptions options, String text) {
        Fault fault = Fault.parse(text);
        FaultyDevice.of(fault);
        options.fault(fault);
    }

    private static void readLinked(BoardOptions options, String text) {
        for (String name : text.split(",", -1)) {
            if (!BookDrivers.names().contains(name) || options.linked().contains(name)) {
                throw new IllegalArgumentException(options.linked().contains(name) ? name + " is given more than once"
                        : "the book's drivers are " + String.join(", ", BookDrivers.names()));
            }
            options.link(name);
        }
    }

    private static void readParameter(BoardOptions options, String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("DRIVER.PARAM=VALUE is expected, for example disk.gfp=GFP_KERNEL");
        }
        BuiltInDrivers.checkParameter(text.substring(0, equals), text.substring(equals + 1), options.linked());
        options.parameter(text.substring(0, equals), text.substring(equals + 1));
    }
}
