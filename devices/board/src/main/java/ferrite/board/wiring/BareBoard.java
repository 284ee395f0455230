package ferrite.board.wiring;

import ferrite.board.image.BootImages;
import ferrite.board.image.BootRom;
import ferrite.board.image.GuestProgram;
import ferrite.board.image.ProgramFacts;
import ferrite.board.image.Signature;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.InputTarget;
import ferrite.board.options.BoardLimits;
import ferrite.board.options.BoardOptions;
import ferrite.board.snapshot.MachineKeeper;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaCommand;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.hart.Translator;
import ferrite.hardware.interrupt.IrqCommand;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.SpinWatch;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.htif.Htif;
import ferrite.peripherals.semihosting.Semihosting;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.virtio.VirtioCommand;
import ferrite.peripherals.virtio.VirtioConsole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** Either board with a bare program in place of the mini-kernel: only machine code runs on it. */
public final class BareBoard implements AutoCloseable {

    private final ProgramFacts program;
    private final BareHost host;
    private final Chassis chassis;
    private final Machine machine;
    private final MachineKeeper keeper;
    /** Null unless the program has the symbol {@code tohost}. */
    private final Htif htif;
    /** Null while semihosting is off. */
    private final Semihosting semihosting;
    private final Finisher finisher;
    private final InputDevices input;
    private final List<SpinWatch.SteadyDevice> steadyDevices;
    private final long instructionLimit;
    private final long timeLimit;
    private final Machine.Snapshot atPowerOn;
    private long instructionsBeforeReset;
    private long ticksBeforeReset;
    /** The run pauses after this many instructions since power-on. */
    private long pause = Long.MAX_VALUE;
    private int htifExit;

    /** Fills RAM and the boot ROM before power-on. */
    private interface Loader {
        void load(Chassis chassis, MachineKeeper keeper) throws IOException;
    }

    /**
     * Builds a board with the program in RAM and every hart at reset.
     *
     * @throws IOException with a sentence, when one of the files is unusable
     */
    public static BareBoard of(BoardOptions options, GuestProgram program, BareHost host) throws IOException {
        checkSemihosting(options);
        BoardLimits.checkSlots(options);
        BootImages images = BootImages.read(program, options);
        images.leftOut().forEach(host::note);
        return new BareBoard(options, images.facts(program, options), host,
                (chassis, keeper) -> ProgramLoader.load(chassis, options, program, images));
    }

    /**
     * Builds a board in the state that a snapshot holds.
     *
     * @param options the snapshot's options, completed by those of the command line;
     *                {@link ferrite.board.snapshot.SavedMachine#complete}
     * @throws IOException with a sentence, when one of the files is unusable
     */
    public static BareBoard of(BoardOptions options, SnapshotFile snapshot, BareHost host) throws IOException {
        checkSemihosting(options);
        BareBoard board = new BareBoard(options, snapshot.program(), host, (chassis, keeper) -> {
            keeper.loadPowerOn(snapshot);
            chassis.attachBootRom(new BootRom(options.kind().bootRom(), snapshot.bootRom()));
        });
        try {
            board.restore(snapshot);
            return board;
        } catch (IOException e) {
            board.close();
            throw e;
        }
    }

    private BareBoard(BoardOptions options, ProgramFacts program, BareHost host, Loader loader) throws IOException {
        this.host = host;
        this.program = program;
        this.instructionLimit = options.maxInstructions();
        this.timeLimit = options.maxTicks();
        chassis = new Chassis(options);
        machine = chassis.machine();
        chassis.useTranslator();
        keeper = new MachineKeeper(machine, options, program, chassis.disks(), chassis.plugged().descriptions());
        machine.onViolation(what -> violation(what.alone(machine.moment())));
        machine.onMisuse(what -> violation(what.alone(machine.moment())));

        htif = connectHtif();
        semihosting = options.semihosting() ? serveHostCalls(options) : null;
        if (options.kind() == BoardKind.VIRT) {
            VirtDevices devices = new VirtDevices(chassis, options, serialLine(), virtioConsoleHost(),
                    this::deviceLog);
            monitor().add(new VirtioCommand(devices.slots()));
            monitor().add(new IrqCommand(devices.plic(), devices.aclint(), machine.harts(), devices::interruptName,
                    () -> null));
            finisher = devices.finisher();
            input = machine.add(new InputDevices(htif, semihosting, devices.virtioConsole(), devices.uart(),
                    options.input()));
            steadyDevices = List.of(new SpinWatch.SteadyDevice("uart0", devices.uart()));
        } else {
            FerriteDevices devices = new FerriteDevices(chassis, options, consoleHost(), serialLine(),
                    chassis::switchOff, this::deviceLog);
            devices.console().endInput();
            monitor().add(new DmaCommand(devices.dma()));
            monitor().add(new IrqCommand(devices.plic(), devices.aclint(), machine.harts(), devices::interruptName,
                    () -> null));
            finisher = devices.finisher();
            input = new InputDevices(htif, semihosting, null, devices.uart(), InputTarget.SERIAL);
            steadyDevices = List.of(new SpinWatch.SteadyDevice("uart0", devices.uart()),
                    new SpinWatch.SteadyDevice("uart0-ports", devices.uart()));
        }

        load(loader);
        if (htif != null) {
            htif.watch();
        }
        limitRun();
        atPowerOn = machine.snapshotForReset();
    }

    /**
     * Has the making of regions measured, if there is any.
     *
     * @param wrapper wraps the translator, for what it does on the machine's thread
     * @param beside  wraps the thread that makes regions beside the machine
     */
    public void useTranslator(UnaryOperator<Translator> wrapper, UnaryOperator<Executor> beside) {
        chassis.useTranslator(wrapper, beside);
    }

    private void violation(Violation violation) {
        machine.events().tell(violation);
        host.violation(violation);
    }

    private void deviceLog(String line) {
        machine.events().tell(MachineEvents.LOG, () -> Report.of("log").text("line", line));
    }

    private void load(Loader loader) throws IOException {
        try {
            loader.load(chassis, keeper);
        } catch (IOException e) {
            chassis.close();
            throw e;
        }
    }

    private Htif connectHtif() {
        OptionalLong tohost = program.tohost();
        if (tohost.isEmpty()) {
            return null;
        }
        return machine.add(new Htif(machine.bus(), machine.clock(), tohost.getAsLong(),
                program.fromhost(), new CalledHost()));
    }

    private Semihosting serveHostCalls(BoardOptions options) {
        long date = options.hasRtc() ? options.rtcSeconds() : 0;
        Semihosting calls = machine.add(new Semihosting(machine.clock(), date, options.semihostingDirectory(),
                program.host(), new CalledHost()));
        machine.harts().forEach(hart -> hart.serveHostCalls(calls));
        return calls;
    }

    /** Refuses options of semihosting that cannot work together. */
    private static void checkSemihosting(BoardOptions options) throws IOException {
        Path directory = options.semihostingDirectory();
        if (directory != null && !options.semihosting()) {
            throw new IllegalArgumentException("--semihosting-dir " + directory + ": --semihosting on is missing, "
                    + "without which a program has no files of the host");
        }
        if (directory != null && !Files.isDirectory(directory)) {
            throw new UnusableFile("--semihosting-dir", new IOException(directory + " is no directory"));
        }
    }

    private SerialLine serialLine() {
        return new SerialLine() {
            @Override
            public void send(int value) {
                host.serialOutput(value);
            }

            @Override
            public void awaited(boolean polled) {
                if (!input.answerUart()) {
                    host.inputWanted(polled);
                }
            }
        };
    }

    /** A virtio console writes to the serial line's output. */
    private VirtioConsole.Host virtioConsoleHost() {
        return new VirtioConsole.Host() {
            @Override
            public void send(int value) {
                host.serialOutput(value);
            }

            @Override
            public void awaited() {
                if (!input.answerVirtioConsole()) {
                    host.inputWanted(false);
                }
            }
        };
    }

    /** The host of a program that calls it, by HTIF or by semihosting. */
    private final class CalledHost implements Htif.Host, Semihosting.Host {

        @Override
        public void exit(int code) {
            htifExit = code;
            chassis.switchOff();
        }

        @Override
        public void write(int descriptor, byte[] bytes) {
            host.write(descriptor, bytes);
        }

        @Override
        public void awaited() {
            host.inputWanted(true);
        }
    }

    /** The host console of the {@code ferrite} board writes for a bare program, and has no input for it. */
    private Console.Host consoleHost() {
        return new Console.Host() {
            @Override
            public void output(int stream, byte[] bytes) {
                host.write(stream == Console.STANDARD_OUTPUT ? 1 : 2, bytes);
            }

            @Override
            public void commandEnded(int pid, int status) { }

            @Override
            public void inputWanted() { }
        };
    }

    public Machine machine() {
        return machine;
    }

    public Monitor monitor() {
        return chassis.monitor();
    }

    public InputDevices input() {
        return input;
    }

    /** Returns the program's symbols that a report can name. */
    public List<Symbol> symbols() {
        return program.reportable();
    }

    /** Returns the place of an architectural test's results; null without the symbols for it. */
    public Signature signature() {
        return program.signature();
    }

    /** Returns the code that the program ended with, through the test finisher or {@code tohost}; 0 is success. */
    public int exitCode() {
        return finisher.code() != 0 ? finisher.code() : htifExit;
    }

    /** Returns whether the program ended in order to begin anew. */
    public boolean wantsReset() {
        return htifExit == 0 && finisher.isReset();
    }

    /**
     * Ends the run when all harts spin for ever.
     *
     * @param isUndisturbed tells whether neither a person, nor a debugger, nor input can change the machine from now on
     */
    public SpinWatch watchSpins(BooleanSupplier isUndisturbed) {
        SpinWatch watch = new SpinWatch(machine.bus(), machine.clock(), machine.harts(), steadyDevices, isUndisturbed);
        machine.turn().limits().watchSpins(watch);
        return watch;
    }

    /** Returns to power-on. Disks keep the data that was written, and the run's limits go on counting. */
    public void reset() {
        instructionsBeforeReset += machine.clock().instructions();
        ticksBeforeReset += machine.clock().now();
        machine.restore(atPowerOn);
        limitRun();
    }

    private void limitRun() {
        long end = Math.min(instructionLimit, pause);
        machine.turn().limitInstructions(end == Long.MAX_VALUE ? end : end - instructionsBeforeReset);
        machine.turn().limits().limitTime(lastTick());
    }

    /** Returns the tick of the clock at which the run ends; {@link Long#MAX_VALUE} for none. */
    public long lastTick() {
        return timeLimit == Long.MAX_VALUE ? timeLimit : timeLimit - ticksBeforeReset;
    }

    /**
     * Has the run stop, as at its instruction limit, after this many instructions since power-on;
     * {@link Long#MAX_VALUE} for never.
     */
    public void pauseAt(long instructions) {
        pause = instructions;
        limitRun();
    }

    /** Returns whether the instruction limit is reached. */
    public boolean isSpent() {
        return instructions() >= instructionLimit;
    }

    /** Returns the instructions since power-on, resets included. */
    public long instructions() {
        return instructionsBeforeReset + machine.clock().instructions();
    }

    /** Returns the ticks since power-on, resets included, at which the run ends. */
    public long timeLimit() {
        return timeLimit;
    }

    // ---- snapshots ----

    /** A moment of this board, in memory. */
    public static final class Snapshot {

        private final Machine.Snapshot machine;
        private final long beforeReset;
        private final long ticksBefore;
        private final int htifExit;

        private Snapshot(BareBoard board) {
            machine = board.machine.snapshot();
            beforeReset = board.instructionsBeforeReset;
            ticksBefore = board.ticksBeforeReset;
            htifExit = board.htifExit;
        }
    }

    /** Takes a snapshot of the machine in its present state, between two instructions. */
    public Snapshot snapshot() {
        return new Snapshot(this);
    }

    /** Returns to a snapshot of this board. */
    public void restore(Snapshot snapshot) {
        machine.restore(snapshot.machine);
        instructionsBeforeReset = snapshot.beforeReset;
        ticksBeforeReset = snapshot.ticksBefore;
        htifExit = snapshot.htifExit;
        limitRun();
    }

    /** Writes the machine to a file in its present state, between two instructions; changes nothing about the run. */
    public void save(Path file) throws IOException {
        keeper.save(file, atPowerOn,
                new MachineKeeper.Past(instructions(), instructionsBeforeReset, ticksBeforeReset));
    }

    /** Tells whether a file is one of the machine's disks. */
    public boolean isDisk(Path file) {
        return chassis.isDisk(file);
    }

    /**
     * Returns to the moment of a snapshot of an equal machine with the same program. The machine stands still.
     *
     * @throws IOException with a sentence, when the snapshot does not fit; nothing has changed then, unless the
     *     sentence says that the machine is at power-on
     */
    public void returnTo(SnapshotFile snapshot) throws IOException {
        keeper.requireOwn(snapshot, atPowerOn);
        machine.restore(atPowerOn);
        try {
            restore(snapshot);
        } catch (IOException broken) {
            machine.restore(atPowerOn);
            instructionsBeforeReset = 0;
            ticksBeforeReset = 0;
            limitRun();
            throw new IOException(broken.getMessage() + "; the machine is at power-on now", broken);
        }
    }

    /** Brings the machine from power-on to the moment of the snapshot. */
    private void restore(SnapshotFile snapshot) throws IOException {
        keeper.restore(snapshot);
        instructionsBeforeReset = snapshot.machine().beforeReset();
        ticksBeforeReset = snapshot.machine().ticksBefore();
        if (instructions() != snapshot.machine().instructions()) {
            throw snapshot.broken("its clock has counted " + instructions()
                    + " instructions, where it says " + snapshot.machine().instructions());
        }
        limitRun();
    }

    @Override
    public void close() throws IOException {
        if (semihosting != null) {
            semihosting.close();
        }
        chassis.close();
    }
}
