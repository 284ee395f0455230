package ferrite.board;

import ferrite.firmware.FirmwareImages;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.dma.DmaCommand;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.monitor.MachineCommands;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.Kernel;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.monitor.PoolsCommand;
import ferrite.kernel.monitor.SlabsCommand;
import ferrite.kernel.monitor.SwiotlbCommand;
import ferrite.kernel.monitor.WhoCommand;
import ferrite.kernel.monitor.ZonesCommand;
import ferrite.kernel.shell.Shell;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.console.ConsoleDriver;
import ferrite.peripherals.copier.CopierDriver;
import ferrite.peripherals.disk.DiskDriver;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.finisher.FinisherDriver;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.uart.UartDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code ferrite} board: the machine with everything that sits on its bus ({@link FerriteDevices}), and the mini-kernel in it.
 */
public final class Board implements AutoCloseable {

    private final Machine machine;
    private final DmaController dma;
    private final Console console;
    private final Finisher finisher;
    private final Monitor monitor = new Monitor();
    private final List<DiskImage> images = new ArrayList<>();
    private final BoardHost host;
    private final Checks checks;
    private final List<Driver> addedDrivers;
    private final DriverJars driverJars = new DriverJars();
    private Kernel kernel;
    private Shell shell;

    /**
     * Builds a board.
     *
     * @param host the world outside the machine
     * @throws IOException with a sentence, when a disk's file is unusable
     */
    public Board(BoardOptions options, BoardHost host) throws IOException {
        this.host = host;
        this.checks = options.checks;
        this.addedDrivers = List.copyOf(options.drivers);
        for (BoardOptions.DiskFile disk : options.disks) {
            images.add(openDisk(disk));
        }
        machine = new Machine(new Machine.Configuration(FerriteLayout.RAM, options.ramBytes, options.harts, FerriteLayout.BOOT_ROM,
                options.interleaving, options.seed));

        FerriteDevices devices = new FerriteDevices(machine, options.dma, options.copierAddressBits, images, consoleHost(), serialLine(), this::switchOff);
        dma = devices.dma();
        console = devices.console();
        finisher = devices.finisher();

        long deviceTree = placeDeviceTree(options);
        machine.bus().attach("bootrom", FerriteLayout.BOOT_ROM, FerriteLayout.BOOT_ROM_BYTES,
                new BootRom(FirmwareImages.boot(), FerriteLayout.BOOT_ROM, Gate.ENTRY & 0xffff_ffffL, deviceTree));
        machine.turn().limitInstructions(options.maxInstructions);

        MachineCommands.all(machine).forEach(monitor::add);
        monitor.add(new DmaCommand(dma));
        monitor.add(new ZonesCommand(machine, this::kernel));
        monitor.add(new WhoCommand(machine, this::kernel));
        monitor.add(new SlabsCommand(machine, this::kernel));
        monitor.add(new PoolsCommand(machine, this::kernel));
        monitor.add(new SwiotlbCommand(machine, this::kernel));
        kernel = Kernel.install(machine, kernelConfiguration());
    }

    /** The drivers that are linked into the kernel, in the order in which they probe. */
    static List<Driver> builtInDrivers() {
        return List.of(new FinisherDriver(), new ConsoleDriver(), new UartDriver(), new DiskDriver(), new CopierDriver());
    }

    private Kernel.Configuration kernelConfiguration() {
        List<Driver> drivers = new ArrayList<>(builtInDrivers());
        drivers.addAll(addedDrivers);
        return new Kernel.Configuration(drivers, host::kernelLog, host::violation, driverJars, checks, this::newShell);
    }

    private Shell newShell(Kernel booting) {
        shell = new Shell(booting, machine, monitor, host.commands());
        return shell;
    }

    private DiskImage openDisk(BoardOptions.DiskFile file) throws IOException {
        try {
            return DiskImage.open(file.path(), file.readOnly());
        } catch (IOException e) {
            closeImages();
            throw e;
        }
    }

    /** At the end of low memory, out of everybody's way. Returns its physical address. */
    private long placeDeviceTree(BoardOptions options) {
        byte[] blob = BoardDeviceTree.flatten(options);
        long end = Math.min(options.ramBytes, options.normalZoneEnd);
        long at = end - (blob.length + 0xffff & ~0xffff);
        machine.bus().write(new BusMaster("board", 32), at, blob, 0, blob.length);
        return at;
    }

    private Console.Host consoleHost() {
        return new Console.Host() {
            @Override
            public void lineTaken(int number, String line) {
                host.lineTaken(number, line);
            }

            @Override
            public void output(int stream, byte[] bytes) throws IOException {
                host.output(stream, bytes);
            }

            @Override
            public void commandEnded(int status) {
                host.commandEnded(status);
            }

            @Override
            public void inputWanted() {
                machine.turn().stop(Turn.Stop.INPUT_WANTED);
            }
        };
    }

    private SerialLine serialLine() {
        return new SerialLine() {
            @Override
            public void send(int value) {
                host.serialOutput(value);
            }

            @Override
            public void awaited(boolean polled) { }   // nobody sits at the other end
        };
    }

    private void switchOff() {
        host.switchedOff();
        machine.turn().stop(Turn.Stop.POWERED_OFF);
    }

    public Machine machine() {
        return machine;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** The shell, which is the kernel's first task; null before the kernel has booted so far. */
    public Shell shell() {
        return shell;
    }

    public Console console() {
        return console;
    }

    public DmaController dma() {
        return dma;
    }

    public Monitor monitor() {
        return monitor;
    }

    /** What the guest told the test finisher: 0 for success. */
    public int finisherCode() {
        return finisher.code();
    }

    /**
     * Throws the kernel's Java objects away and makes new ones from what is in RAM. The machine has to be quiescent; the run goes on as if
     * nothing had happened.
     */
    public void reattach() {
        if (!kernel.isQuiescent()) {
            throw new IllegalStateException("a kernel can only be made anew while every task stands at its restart point");
        }
        kernel = Kernel.attach(machine, kernelConfiguration());
    }

    /** Takes a snapshot, when the machine is quiescent. */
    public Machine.Snapshot snapshot() {
        if (!kernel.isQuiescent()) {
            throw new IllegalStateException("a snapshot can only be taken while every task stands at its restart point");
        }
        return machine.snapshot();
    }

    /** Returns to a snapshot. */
    public void restore(Machine.Snapshot snapshot) {
        machine.restore(snapshot);
        kernel = Kernel.attach(machine, kernelConfiguration());
    }

    @Override
    public void close() throws IOException {
        machine.close();
        driverJars.close();
        closeImages();
    }

    private void closeImages() throws IOException {
        for (DiskImage image : images) {
            image.close();
        }
    }
}
