package ferrite.board.command;

import ferrite.board.front.JsonLines;
import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.stdio.Keyboard;
import ferrite.board.stdio.PipedInput;
import ferrite.board.stdio.Streams;
import ferrite.board.stdio.TimelyOutput;
import ferrite.board.stdio.Tty;
import ferrite.board.stdio.Uncloseable;
import ferrite.console.RawTerminal;
import ferrite.hardware.report.DeviceMisuse;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.turn.RunControl;
import ferrite.kernel.check.Checks;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ferrite boot}: runs a bare program on the harts. */
@Command(name = "boot", modelTransformer = MachineArguments.OfBoot.class, mixinStandardHelpOptions = true,
        description = "Run a bare program, an ELF32 file or a flat binary, on all harts in M-mode: a0 is the hart, "
                + "a1 the device tree. An image that leaves the lowest 4 MiB of RAM alone, as Linux's Image does, is "
                + "started in S-mode by a firmware instead, as a payload of the SBI.",
        footer = {
                "", "With --bios none any image runs in M-mode. With --bios default it is a payload: our firmware "
                        + "(SBI 2.0: base, timer, IPI, remote fence, hart state management, system reset, "
                        + "debug console) takes the start of RAM, and enters the image on hart 0 with a0 = hart, "
                        + "a1 = device tree, satp = 0 and interrupts off; the others wait for hart_start. With "
                        + "--bios FILE another firmware does this; it finds the image through a2, as OpenSBI's "
                        + "fw_dynamic does. Flat binaries go to the start of RAM, or "
                        + "with a firmware 4 MiB above it; Linux's name their place.",
                "", "The program's serial line (a 16550A) is standard input and output; the end of input does not end "
                        + "the run. At a terminal every key goes to the program, but Ctrl-A x leaves. When the program "
                        + "waits for a byte of a file or a pipe, the machine and its time stand still until it has "
                        + "arrived, so a slow pipe changes nothing. A program that stays busy for a second after it "
                        + "asked gets the bytes of a pipe that have arrived.",
                "A virtio console's output goes to standard output too. Each of the two consoles gets all of "
                        + "the input, when its driver asks for it, so it does not matter which one the program "
                        + "reads; a program that reads both needs --input serial or --input virtio.",
                "Without a person at the keyboard no time is lost in waiting: when every "
                        + "hart waits, time jumps to the next event.",
                "", "A snapshot is the whole machine at one instruction: --snapshot-at takes one on the "
                        + "way, and so does the monitor's 'snapshot FILE' if --snapshots names a directory. --restore "
                        + "goes on from it, in this process or any other, as the run would have gone on; the machine's "
                        + "options and the program are in the file, disks are not. Input that the program has not "
                        + "taken yet comes from the new standard input.",
                "", "With --semihosting on the program may call its host (slli x0, x0, 0x1f; ebreak; srai x0, x0, 7): "
                        + "console, files below --semihosting-dir alone, time, its end. Without it an ebreak is a "
                        + "breakpoint exception.",
                "", "With --json standard output has a line {\"violation\":{...}} for each broken rule and, at the "
                        + "end, {\"end\":{\"status\":..., \"reason\":..., \"instructions\":..., ...}}; the program's "
                        + "output goes to standard error, or to the file of --serial. 'ferrite schema boot' prints "
                        + "the form.",
                "", "Exit status: 0 the program reported success (test finisher, or tohost = 1 in an image with "
                        + "that symbol), or asked for a reboot with --no-reboot, 1 it reported failure or crashed, "
                        + "2 the command line was wrong, 3 a file was unusable, 5 the model of a device failed, "
                        + "124 --max-instructions or --max-time ran out, every hart waits for ever, or all that run "
                        + "spin for ever, 130 Ctrl-A x.",
                "", "Examples:",
                "  ferrite boot program.elf",
                "  ferrite boot program.elf --harts 8 --interleaving random --seed 7 --max-instructions 100000000",
                "  ferrite boot program.bin --board ferrite --ram 64M          flat binaries go to the start of RAM",
                "  ferrite boot Image --initrd rootfs.cpio --append 'console=ttyS0' --harts 8",
                "  ferrite boot program.elf --initrd disk.img --append 'console=ttyS0' < input > output",
                "  ferrite boot program.elf --disk disk.img --disk more.img,ro --virtio console,entropy     "
                        + "virtio devices at 0x10008000, 0x10007000, ...",
                "  ferrite boot add-01.elf --signature add-01.out              the results of an architectural test",
                "  ferrite boot Image --initrd rootfs.cpio --net in=requests.pcap,first=1,out=answers.pcap     "
                        + "then: tcpdump -r answers.pcap",
                "  ferrite boot Image --append 'console=ttyS0 panic=-1' --no-reboot --max-time 60s      "
                        + "a panic ends the run",
                "  ferrite boot program.elf --debug 0 --halt                   then: nc 127.0.0.1 PORT, and type help",
                "  ferrite boot program.elf --snapshot-at 5000000,five.snap    "
                        + "and then: ferrite boot --restore five.snap",
                "  ferrite boot program.elf --snapshots . --debug 0            the monitor's "
                        + "'snapshot NAME' writes NAME into this directory"})
final class BootCommand implements Callable<Integer> {

    /** The rules that a machine checks without a kernel. */
    private static final Checks RULES = Checks.parse(UnreachableAddress.RULE + "," + DeviceMisuse.RULE);

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "IMAGE", description = "an ELF32 executable, or a flat binary")
    private Path image;

    @Option(names = "--initrd", paramLabel = "FILE",
            description = "a file that is placed in memory; the device tree names its address")
    private Path initrd;

    @Option(names = "--bios", paramLabel = "none|default|FILE",
            description = "the firmware that runs in M-mode and starts the image in S-mode (default: ours for an image "
                    + "that leaves the lowest 4 MiB of RAM alone, as Linux does, and none for any other)")
    private String bios;

    @Option(names = "--append", paramLabel = "TEXT", defaultValue = "",
            description = "the program's command line, in the device tree")
    private String append;

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private SnapshotOptions snapshots = new SnapshotOptions();

    @Mixin
    private ResultOptions resultFiles = new ResultOptions();

    @Mixin
    private SignatureOptions signature = new SignatureOptions();

    @Mixin
    private DebugOptions debug = new DebugOptions();

    @Mixin
    private TimeLimit timeLimit = new TimeLimit();

    @Mixin
    private ScheduleFile schedule = new ScheduleFile();

    @Mixin
    private ProfileFile profile = new ProfileFile();

    @Override
    public Integer call() throws IOException {
        FilesApart.require(spec.commandLine().getParseResult());
        signature.check();
        CompilerLesson.begin();
        return snapshots.restores() ? restore() : start();
    }

    private int start() throws IOException {
        if (image == null) {
            throw new UsageException("an IMAGE to run is missing, or --restore FILE to go on with a snapshot");
        }
        BoardOptions options = machine(BoardOptions.ofBoot().kind());
        if (append.indexOf('\0') >= 0) {
            throw new UsageException("--append: a command line has no character 0, which would end it");
        }
        requireFirmwarePath();
        GuestProgram program = new GuestProgram(image, initrd, append, bios);
        return run((input, line, err) -> BuildWatchdog.watch(options, err,
                () -> new BareSession(options, program, input, line, err)));
    }

    private int restore() throws IOException {
        if (image != null) {
            throw new UsageException("IMAGE " + image + ": the program is in the snapshot that --restore names");
        }
        refuse("--initrd", "it is in the snapshot that --restore names");
        refuse("--append", "the program's command line is in the snapshot that --restore names");
        refuse("--bios", "the firmware is in the snapshot that --restore names");
        refuse("--virtio", "the devices in the slots are in the snapshot that --restore names");
        try (SnapshotFile file = snapshots.open()) {
            BoardOptions options = file.machine().complete(machine(file.machine().options().kind()), this::isGiven);
            return run((input, line, err) -> BuildWatchdog.watch(options, err,
                    () -> new BareSession(options, file, input, line, err)));
        }
    }

    /** Reads the machine options; this board is the default. */
    private BoardOptions machine(BoardKind board) {
        BoardOptions options = MachineArguments.read(spec.commandLine().getParseResult(),
                new BoardOptions().kind(board));
        MachineArguments.refuseInBoot(spec.commandLine().getParseResult(), options.kind());
        return options;
    }

    private void requireFirmwarePath() {
        try {
            if (bios != null && Path.of(bios).toString().isEmpty()) {
                throw new UsageException("--bios: none, default or a file would be right");
            }
        } catch (InvalidPathException e) {
            throw new UsageException("--bios " + bios + ": that is no path of this host");
        }
    }

    private boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private void refuse(String option, String why) {
        if (isGiven(option)) {
            throw new UsageException(option + ": " + why);
        }
    }

    /** Builds a session from the streams of the serial line. */
    private interface Builder {
        BareSession build(Function<RunControl, SerialInput> input, OutputStream line, PrintStream err)
                throws IOException;
    }

    private int run(Builder builder) throws IOException {
        InetSocketAddress address = debug.address(false);
        SnapshotPlan plan = snapshots.plan();
        PrintStream err = Streams.standardError();
        if (Tty.isStandardInput()) {
            return runAtTerminal(builder, plan, address, err);
        }
        try (OutputStream line = serialLine(); BareSession session = open(builder, plan,
                control -> new PipedInput(Streams.standardInput(), Tty.isStandardInputFile(), control),
                line, err)) {
            return runLimited(session, address, err);
        }
    }

    private int runAtTerminal(Builder builder, SnapshotPlan plan, InetSocketAddress address, PrintStream err)
            throws IOException {
        Keyboard[] keyboard = new Keyboard[1];
        BareSession[] opened = new BareSession[1];
        try (RawTerminal terminal = RawTerminal.open(); OutputStream line = serialLine();
                BareSession session = open(builder, plan, control -> keyboard[0] = new Keyboard(terminal.keys(), err,
                        control, () -> opened[0].inputArrived()), line, err)) {
            opened[0] = session;
            return runLimited(session, address, err);
        } finally {
            if (keyboard[0] != null) {
                keyboard[0].close();
            }
        }
    }

    private int runLimited(BareSession session, InetSocketAddress address, PrintStream err) throws IOException {
        try (SignatureFile words = signature.open(session);
                ResultFiles results = resultFiles.open("ferrite boot", RULES)) {
            session.tellViolations((violation, text) -> results.add(violation, text, session.replay()));
            Closeable recording = schedule.record(session.machine());
            Closeable profiling = profile.record(session, err);
            try {
                Runnable endLimit = timeLimit.start(session.machine());
                try {
                    int status = words.write(runWatched(session, address, err), err);
                    return results.write(session.machine(), status, session.replay(), err);
                } finally {
                    endLimit.run();
                }
            } finally {
                profiling.close();
                recording.close();
            }
        }
    }

    /** Runs a session. The models of devices are the only code that could loop outside of virtual time. */
    private int runWatched(BareSession session, InetSocketAddress address, PrintStream err) throws IOException {
        if (!isGiven("--device")) {
            return debug.run(session, address, err);
        }
        HostWatchdog watchdog = HostWatchdog.watch(session.machine(), new BoardOptions().watchdogSeconds());
        ExitGuard guard = ExitGuard.over(session.machine().turn(),
                ((Ferrite) spec.root().userObject()).status(), err);
        try {
            return debug.run(session, address, err);
        } finally {
            guard.end();
            watchdog.end();
        }
    }

    private BareSession open(Builder builder, SnapshotPlan plan, Function<RunControl, SerialInput> input,
            OutputStream line, PrintStream err) throws InputException {
        try {
            BareSession session = builder.build(input, line, err);
            session.takeSnapshots(plan);
            if (output.json()) {
                session.reportTo(new JsonLines(Streams.standardOutput(), session::replay));
            }
            return session;
        } catch (IOException e) {
            throw new InputException(HostFiles.reason(e));
        }
    }

    private OutputStream serialLine() throws InputException {
        return new TimelyOutput(output.serialLine(() -> output.json() ? new Uncloseable(Streams.standardError())
                : new FileOutputStream(FileDescriptor.out)));
    }
}
