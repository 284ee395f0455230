package ferrite.board;

import ferrite.firmware.FirmwareImages;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.dma.DmaCommand;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.monitor.MachineCommands;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.Turn;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.htif.Htif;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioCommand;
import ferrite.peripherals.virtio.VirtioConsole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Either board with a bare program in it, and without the mini-kernel: machine code is all that runs. */
final class BareBoard implements AutoCloseable {

    private static final long PAGE = 4096;
    /** Where QEMU's loader begins to look for room, counted from the start of RAM (hw/riscv/boot.c, riscv_load_initrd). */
    private static final long INITRD_FROM = 128L << 20;
    /** Software that maps little of RAM at first, as Linux does, finds its device tree below this address (riscv_compute_fdt_addr). */
    private static final long DEVICE_TREE_BELOW = 3L << 30;
    private static final long DEVICE_TREE_ALIGNMENT = 64 << 10;

    private final Machine machine;
    private final BoardOptions options;
    private final ProgramFacts program;
    private final MachineKeeper saved;
    private final Uart uart;
    private final Finisher finisher;
    private final Htif htif;
    /** Null where there is none. */
    private final VirtioConsole virtioConsole;
    private final Monitor monitor = new Monitor();
    private final List<DiskImage> disks = new ArrayList<>();
    private final BareHost host;
    private final long instructionLimit;
    private final Machine.Snapshot atPowerOn;
    private long instructionsBeforeReset;
    /** The run pauses after so many instructions since power-on, so that somebody can look. */
    private long pause = Long.MAX_VALUE;
    private int htifExit;

    /** What is in RAM and in the boot ROM when the power comes on. */
    private interface PowerOn {
        void load(BareBoard board) throws IOException;
    }

    /**
     * Builds a board, with the program in RAM and every hart at reset.
     *
     * @throws IOException with a sentence, when one of the files is unusable
     */
    static BareBoard of(BoardOptions options, GuestProgram program, BareHost host) throws IOException {
        BootImages images = BootImages.read(program, options);
        return new BareBoard(options, images.program().facts(), host, board -> board.load(images, options, program));
    }

    /**
     * Builds a board as it was when a snapshot was taken.
     *
     * @param options what the snapshot and who restores it say together; {@link SavedMachine#complete}
     * @throws IOException with a sentence, when one of the files is unusable
     */
    static BareBoard of(BoardOptions options, SnapshotFile snapshot, BareHost host) throws IOException {
        BareBoard board = new BareBoard(options, snapshot.program(), host, built -> built.load(snapshot));
        try {
            board.restore(snapshot);
            return board;
        } catch (IOException e) {
            board.close();
            throw e;
        }
    }

    private BareBoard(BoardOptions options, ProgramFacts program, BareHost host, PowerOn powerOn) throws IOException {
        this.host = host;
        this.options = options;
        this.program = program;
        this.instructionLimit = options.maxInstructions;
        for (BoardOptions.DiskFile disk : options.disks) {
            disks.add(openDisk(disk));
        }
        machine = new Machine(new Machine.Configuration(options.kind.ramBase(), options.ramBytes, options.harts, options.kind.bootRom(),
                options.interleaving, options.seed));
        saved = new MachineKeeper(machine, options, program, disks);
        machine.onViolation(what -> host.violation(what.alone(machine.moment())));
        MachineCommands.all(machine).forEach(monitor::add);
        htif = connectHtif();
        if (options.kind == BoardKind.VIRT) {
            VirtDevices devices = new VirtDevices(machine, options, disks, serialLine(), virtioConsoleHost(), this::switchOff);
            monitor.add(new VirtioCommand(devices.slots()));
            uart = devices.uart();
            finisher = devices.finisher();
            virtioConsole = devices.virtioConsole();
        } else {
            FerriteDevices devices = new FerriteDevices(machine, options.dma, options.copierAddressBits, disks, consoleHost(), serialLine(), this::switchOff);
            devices.console().endInput();
            monitor.add(new DmaCommand(devices.dma()));
            uart = devices.uart();
            finisher = devices.finisher();
            virtioConsole = null;
        }
        try {
            powerOn.load(this);
        } catch (IOException e) {
            closeDisks();
            throw e;
        }
        if (htif != null) {
            htif.watch();
        }
        limitInstructions();
        atPowerOn = machine.snapshotForReset();
    }

    private DiskImage openDisk(BoardOptions.DiskFile file) throws IOException {
        try {
            return DiskImage.open(file.path(), file.readOnly());
        } catch (IOException e) {
            closeDisks();
            throw e;
        }
    }

    /** Images, initial RAM disk, device tree and boot ROM. */
    private void load(BootImages images, BoardOptions options, GuestProgram program) throws IOException {
        long base = options.kind.ramBase();
        BusMaster loader = new BusMaster("loader", 32);
        RamPlan plan = new RamPlan(base, options.ramBytes);
        images.claim(plan);
        images.load(machine.bus(), loader);
        Chosen chosen = Chosen.arguments(program.arguments());
        if (program.initrd() != null) {
            long bytes = GuestImage.sizeOf(program.initrd());
            long at = plan.claimFrom(base + Math.min(options.ramBytes / 2, INITRD_FROM), bytes, PAGE).orElseThrow(() ->
                    new IOException("--initrd " + program.initrd() + " has " + bytes + " bytes, for which RAM has no room beside " + program.image()));
            GuestImage.copy(program.initrd(), bytes, machine.bus(), loader, at);
            chosen = new Chosen(program.arguments(), at, at + bytes);
        }
        byte[] tree = options.kind == BoardKind.VIRT ? VirtDeviceTree.flatten(options, chosen) : BoardDeviceTree.flatten(options, chosen);
        long at = plan.claimBelow(DEVICE_TREE_BELOW, tree.length + images.treeGrowth(), DEVICE_TREE_ALIGNMENT).orElseThrow(() ->
                new IOException(program.image() + " leaves no room in RAM for the device tree, which has " + tree.length + " bytes"));
        machine.bus().write(loader, at, tree, 0, tree.length);
        machine.bus().attach("bootrom", options.kind.bootRom(), BootRom.BYTES,
                new BootRom(FirmwareImages.reset(), options.kind.bootRom(), images.entry(), at, images.payload()));
    }

    /** Null where the program has no {@code tohost}. */
    private Htif connectHtif() {
        OptionalLong tohost = program.tohost();
        if (tohost.isEmpty()) {
            return null;
        }
        return machine.add(new Htif(machine.bus(), machine.clock(), tohost.getAsLong(), program.fromhost(), htifHost()));
    }

    private SerialLine serialLine() {
        return new SerialLine() {
            @Override
            public void send(int value) {
                host.serialOutput(value);
            }

            @Override
            public void awaited(boolean polled) {
                host.inputWanted(polled);
            }
        };
    }

    /** It shares the ends of the serial line. */
    private VirtioConsole.Host virtioConsoleHost() {
        return new VirtioConsole.Host() {
            @Override
            public void send(int value) {
                host.serialOutput(value);
            }

            @Override
            public void awaited() {
                host.inputWanted(false);
            }
        };
    }

    private Htif.Host htifHost() {
        return new Htif.Host() {
            @Override
            public void exit(int code) {
                htifExit = code;
                switchOff();
            }

            @Override
            public void write(int descriptor, byte[] bytes) {
                host.write(descriptor, bytes);
            }

            @Override
            public void awaited() {
                host.inputWanted(true);
            }
        };
    }

    /** The host console is part of the {@code ferrite} board: it writes, and has nothing to read. */
    private Console.Host consoleHost() {
        return new Console.Host() {
            @Override
            public void output(int stream, byte[] bytes) {
                host.write(stream == Console.STANDARD_OUTPUT ? 1 : 2, bytes);
            }

            @Override
            public void commandEnded(int status) { }

            @Override
            public void inputWanted() { }
        };
    }

    private void switchOff() {
        machine.turn().stop(Turn.Stop.POWERED_OFF);
    }

    Machine machine() {
        return machine;
    }

    Monitor monitor() {
        return monitor;
    }

    /** The program's symbols; none where it has none. */
    List<Symbol> symbols() {
        return program.symbols();
    }

    /** The code that the program ended with, through the test finisher or {@code tohost}; 0 is success. */
    int exitCode() {
        return finisher.code() != 0 ? finisher.code() : htifExit;
    }

    /** Whether it ended in order to begin anew. */
    boolean wantsReset() {
        return htifExit == 0 && finisher.isReset();
    }

    /** Everything is as it was at power-on, but for the disks and the instructions that may still be spent. */
    void reset() {
        instructionsBeforeReset += machine.clock().instructions();
        machine.restore(atPowerOn);
        limitInstructions();
    }

    private void limitInstructions() {
        long end = Math.min(instructionLimit, pause);
        machine.turn().limitInstructions(end == Long.MAX_VALUE ? end : end - instructionsBeforeReset);
    }

    /** Has the run stop, as at its instruction limit, after so many instructions since power-on; {@link Long#MAX_VALUE} for never. */
    void pauseAt(long instructions) {
        pause = instructions;
        limitInstructions();
    }

    /** Whether no more instructions may be spent. */
    boolean isSpent() {
        return instructions() >= instructionLimit;
    }

    /** Instructions since power-on, resets included. */
    long instructions() {
        return instructionsBeforeReset + machine.clock().instructions();
    }

    /** Whether the program has asked for a byte, and the host has not said anything yet. */
    boolean isUnanswered() {
        return htif != null && htif.isUnanswered() || virtioConsole != null && virtioConsole.isUnanswered() || uart.isUnanswered();
    }

    /** Whether it does nothing but wait for it. */
    boolean isPolling() {
        return htif != null && htif.isAwaited() || uart.isPolled();
    }

    /** Whether the program waits for a byte. */
    boolean awaitsInput() {
        return htif != null && htif.isAwaited() || isVirtioConsoleAwaited() || uart.isAwaited();
    }

    private boolean isVirtioConsoleAwaited() {
        return virtioConsole != null && virtioConsole.isAwaited();
    }

    /** Gives it one. A virtio console that has a driver comes before the serial line. */
    void receive(int value) {
        if (htif != null && htif.isAwaited()) {
            htif.receive(value);
        } else if (isVirtioConsoleAwaited()) {
            virtioConsole.receive(value);
        } else {
            uart.receive(value);
        }
    }

    /** Has the host asked again after so many ticks. */
    void askAgainIn(long ticks) {
        if (htif != null && htif.isAwaited()) {
            htif.askAgainIn(ticks);
            return;
        }
        if (isVirtioConsoleAwaited()) {
            virtioConsole.askAgainIn(ticks);
        }
        uart.askAgainIn(ticks);
    }

    // ---- snapshots in files ----

    /** Writes the machine to a file as it is now, between two instructions; changes nothing about the run. */
    void save(Path file) throws IOException {
        saved.save(file, atPowerOn, instructions(), instructionsBeforeReset);
    }

    /** What a machine from a file had at power-on. */
    private void load(SnapshotFile snapshot) throws IOException {
        saved.loadPowerOn(snapshot);
        machine.bus().attach("bootrom", options.kind.bootRom(), BootRom.BYTES, new BootRom(options.kind.bootRom(), snapshot.bootRom()));
    }

    /** From power-on to the moment of the snapshot. */
    private void restore(SnapshotFile snapshot) throws IOException {
        saved.restore(snapshot);
        instructionsBeforeReset = snapshot.machine().beforeReset();
        if (instructions() != snapshot.machine().instructions()) {
            throw snapshot.broken("its clock has counted " + instructions() + " instructions, where it says " + snapshot.machine().instructions());
        }
        limitInstructions();
    }

    @Override
    public void close() throws IOException {
        machine.close();
        closeDisks();
    }

    private void closeDisks() throws IOException {
        for (DiskImage disk : disks) {
            disk.close();
        }
    }
}
