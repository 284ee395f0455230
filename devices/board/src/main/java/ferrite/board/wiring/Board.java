package ferrite.board.wiring;

import ferrite.board.devicetree.Chosen;
import ferrite.board.devicetree.FerriteDeviceTree;
import ferrite.board.image.BootRom;
import ferrite.board.image.RootArchive;
import ferrite.board.layout.FerriteLayout;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.BuiltInDrivers;
import ferrite.board.options.Translation;
import ferrite.firmware.FirmwareImages;
import ferrite.hardware.Machine;
import ferrite.hardware.dma.DmaCommand;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.interrupt.IrqCommand;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.Kernel;
import ferrite.kernel.check.Checks;
import ferrite.kernel.core.KernelEvents;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.monitor.BacktraceCommand;
import ferrite.kernel.monitor.BuddyInfoCommand;
import ferrite.kernel.monitor.KernelStopReasons;
import ferrite.kernel.monitor.KernelTraces;
import ferrite.kernel.monitor.PoolsCommand;
import ferrite.kernel.monitor.SlabsCommand;
import ferrite.kernel.monitor.SwiotlbCommand;
import ferrite.kernel.monitor.TasksCommand;
import ferrite.kernel.monitor.WhoCommand;
import ferrite.kernel.monitor.ZonesCommand;
import ferrite.kernel.shell.Shell;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.uart.SerialLine;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioCommand;
import ferrite.peripherals.virtio.VirtioConsole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The {@code ferrite} board: the machine, the devices on its bus ({@link FerriteDevices}), and the mini-kernel.
 */
public final class Board implements AutoCloseable {

    private final Chassis chassis;
    private final Machine machine;
    private final DmaController dma;
    private final Console console;
    private final Finisher finisher;
    private final Uart uart;
    private final SerialFeed serialFeed;
    /** Null without virtio devices. */
    private VirtioSlots virtio;
    private final BoardHost host;
    private final Checks checks;
    private final List<Driver> addedDrivers;
    private final List<String> linked;
    private final DriverJars driverJars = new DriverJars(this::isDisk);
    private final KernelEvents kernelEvents = new KernelEvents();
    private Kernel kernel;
    private Shell shell;

    /**
     * Builds a board.
     *
     * @param host receives the machine's output and requests
     * @throws IOException with a sentence, when a disk's file or a device's jar is unusable
     * @throws IllegalArgumentException with a sentence, when a device has no place, or a wrong parameter
     */
    public Board(BoardOptions options, BoardHost host) throws IOException {
        this.host = host;
        this.checks = options.checks();
        this.addedDrivers = options.drivers();
        this.linked = options.linked();
        serialFeed = SerialFeed.read(options.serialInput());
        chassis = new Chassis(options);
        machine = chassis.machine();
        if (options.root() != null || options.translation() == Translation.EAGER) {
            chassis.useTranslator();                   // without programs there is too little machine code
        }

        try {
            FerriteDevices devices = new FerriteDevices(chassis, options, consoleHost(), serialLine(), this::switchOff,
                    line -> kernelLog(line + "\n"));
            dma = devices.dma();
            console = devices.console();
            finisher = devices.finisher();
            uart = devices.uart();
            if (options.virtioDevices() > 0) {
                virtio = new VirtioSlots(chassis, options, devices.plic(), virtioConsoleHost());
                chassis.monitor().add(new VirtioCommand(virtio.all()));
            }
            if (options.serialInput() != null) {
                machine.add(serialFeed);
            }

            long deviceTree = placeDeviceTree(options);
            chassis.attachBootRom(new BootRom(FirmwareImages.boot(), FerriteLayout.BOOT_ROM,
                    Gate.ENTRY & 0xffff_ffffL, deviceTree));
            machine.turn().limitInstructions(options.maxInstructions());
            machine.turn().limits().limitTime(options.maxTicks());

            Monitor monitor = chassis.monitor();
            monitor.add(new DmaCommand(dma, this::dmaOwner));
            monitor.add(new IrqCommand(devices.plic(), devices.aclint(), machine.harts(), devices::interruptName,
                    this::interruptCounts));
            monitor.add(new ZonesCommand(machine, this::kernel));
            monitor.add(new BuddyInfoCommand(machine, this::kernel));
            monitor.add(new TasksCommand(machine, this::kernel));
            monitor.add(new BacktraceCommand(machine, this::kernel));
            monitor.add(new WhoCommand(machine, this::kernel));
            monitor.add(new SlabsCommand(machine, this::kernel));
            monitor.add(new PoolsCommand(machine, this::kernel));
            monitor.add(new SwiotlbCommand(machine, this::kernel));
            monitor.add(new HistoryCommand(console));
            KernelStopReasons.all(machine, kernelEvents, this::kernel).forEach(monitor::add);
            KernelTraces.addTo(monitor, machine, kernelEvents);
            kernel = Kernel.install(machine, kernelConfiguration());
        } catch (IOException | RuntimeException | Error unbuilt) {
            chassis.close();
            throw unbuilt;
        }
    }

    private boolean isDisk(Path file) {
        return chassis.isDisk(file);
    }

    private Kernel.Configuration kernelConfiguration() {
        List<Driver> drivers = BuiltInDrivers.create(linked);
        drivers.addAll(addedDrivers);
        return new Kernel.Configuration(drivers, this::kernelLog, this::violation, driverJars, checks, this::newShell,
                kernelEvents);
    }

    /** Returns the name under which a driver requested a DMA channel, or null. */
    private String dmaOwner(int channel) {
        return kernel.isUp() ? kernel.dma().isa().owner(machine.peek(0), channel) : null;
    }

    /** Returns the kernel's counts of interrupts; null before it has booted. */
    private Report interruptCounts() {
        return kernel.isUp() ? kernel.files().proc().file("interrupts").report(machine.peek(0)) : null;
    }

    private void kernelLog(String line) {
        machine.events().tell(MachineEvents.LOG, () -> Report.of("log").text("line", line.stripTrailing()));
        host.kernelLog(line);
    }

    private void violation(Violation violation) {
        machine.events().tell(violation);
        host.violation(violation);
    }

    private Shell newShell(Kernel booting) {
        shell = new Shell(booting, machine, chassis.monitor(), host.commands());
        return shell;
    }

    /**
     * Writes the device tree to the end of low memory, where the kernel leaves it alone. Returns its physical address.
     */
    private long placeDeviceTree(BoardOptions options) throws RootArchive.Unusable {
        long lowEnd = Math.min(options.ramBytes(), options.normalZoneEnd());
        long end = lowEnd;
        Chosen chosen = Chosen.arguments(options.bootArguments());
        if (options.root() != null) {
            byte[] archive = RootArchive.read(options.root(), lowEnd / 2);
            end -= archive.length + 0xffff & ~0xffff;
            chassis.put(end, archive);
            chosen = new Chosen(options.bootArguments(), end, end + archive.length);
        }
        byte[] blob = FerriteDeviceTree.flatten(options, chosen, chassis.plugged().all());
        long at = end - (blob.length + 0xffff & ~0xffff);
        chassis.put(at, blob);
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
            public void commandEnded(int pid, int status) {
                host.commandEnded(pid, status);
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
            public void awaited(boolean polled) {
                int value = serialFeed.take();
                if (value >= 0) {
                    uart.receive(value);
                }
            }
        };
    }

    /** A virtio console shares both streams of the serial line. */
    private VirtioConsole.Host virtioConsoleHost() {
        return new VirtioConsole.Host() {
            @Override
            public void send(int value) {
                host.serialOutput(value);
            }

            @Override
            public void awaited() {
                int value = serialFeed.take();
                if (value >= 0) {
                    virtio.console().receive(value);
                }
            }
        };
    }

    private void switchOff() {
        host.switchedOff();
        chassis.switchOff();
    }

    public Machine machine() {
        return machine;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** Returns the shell, the kernel's first task; null before the kernel has started it. */
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
        return chassis.monitor();
    }

    /** Returns the code that the guest wrote to the test finisher; 0 is success. */
    public int finisherCode() {
        return finisher.code();
    }

    /**
     * Replaces the kernel's Java objects by new ones, made from RAM. The machine must be quiescent. The run goes on
     * unchanged.
     */
    public void reattach() {
        if (!kernel.isQuiescent()) {
            throw new IllegalStateException(
                    "a new kernel can only attach while every task stands at its restart point, or its program runs");
        }
        kernel = Kernel.attach(machine, kernelConfiguration());
    }

    /** Takes a snapshot. The machine must be quiescent. */
    public Machine.Snapshot snapshot() {
        if (!kernel.isQuiescent()) {
            throw new IllegalStateException(
                    "a snapshot can only be taken while every task stands at its restart point, or its program runs");
        }
        return machine.snapshot();
    }

    /** Returns to a snapshot, with a new kernel attached. */
    public void restore(Machine.Snapshot snapshot) {
        machine.restore(snapshot);
        kernel = Kernel.attach(machine, kernelConfiguration());
    }

    @Override
    public void close() throws IOException {
        driverJars.close();
        chassis.close();
    }
}
