package ferrite.board.wiring;

import ferrite.board.devicetree.BoardTree;
import ferrite.board.image.BootRom;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetPlug;
import ferrite.board.options.Translation;
import ferrite.board.plug.PluggedDevice;
import ferrite.board.plug.PluggedDevices;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.hart.Translator;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.interrupt.Plic;
import ferrite.hardware.model.DeviceCommand;
import ferrite.hardware.model.ModelDevice;
import ferrite.hardware.monitor.MachineCommands;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.Turn;
import ferrite.peripherals.hostfs.Hostfs;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.net.CaptureWire;
import ferrite.peripherals.net.Peer;
import ferrite.peripherals.net.PeerWire;
import ferrite.peripherals.net.Wire;
import ferrite.peripherals.sound.SoundFiles;
import ferrite.translator.BytecodeTranslator;
import ferrite.translator.RegionThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The parts that both kinds of board begin with: the machine, its disks and its monitor. */
final class Chassis implements AutoCloseable {

    private final BoardKind kind;
    private final List<DiskImage> disks = new ArrayList<>();
    private final List<DiskImage> virtioDisks = new ArrayList<>();
    private final PluggedDevices plugged;
    /** Null without a sound card. */
    private SoundFiles sound;
    /** Null without a network card. */
    private Wire wire;
    /** Null without files of the host. */
    private Hostfs hostfs;
    private final Machine machine;
    private final Translation translation;
    private final Monitor monitor = new Monitor();
    private final BusMaster loader = BusMaster.host("loader");

    /**
     * @throws IOException with a sentence, when a disk's file or a device's jar is unusable
     * @throws IllegalArgumentException with a sentence, when a device has no place, or a wrong parameter
     */
    Chassis(BoardOptions options) throws IOException {
        kind = options.kind();
        translation = options.translation();
        plugged = PluggedDevices.load(options, () -> BoardTree.builtIn(options));
        try {
            for (BoardOptions.DiskFile file : options.disks()) {
                open(file, disks);
            }
            for (BoardOptions.DiskFile file : options.virtioDisks()) {
                openVirtioDisk(file);
            }
            sound = options.sound() == null ? null : openSound(options.sound());
            wire = options.cable() != null || options.net() == null ? options.cable()
                    : openWire(options.net());
            machine = new Machine(options.configuration());
            machine.clock().countAt(options.timebase());
            hostfs = options.hostFiles() == null ? null : openHostfs(options.hostFiles());
        } catch (IOException | RuntimeException | Error e) {
            plugged.close();
            closeFiles();
            throw e;
        }
        MachineCommands.addTo(monitor, machine);
    }

    /** Has machine code translated, unless {@code --translate off} is given. */
    void useTranslator() {
        useTranslator(UnaryOperator.identity(), UnaryOperator.identity());
    }

    /**
     * Has machine code translated and the making of regions measured, unless {@code --translate off} is given.
     *
     * @param wrapper wraps the translator, for what it does on the machine's thread
     * @param beside  wraps the thread that makes regions beside the machine
     */
    void useTranslator(UnaryOperator<Translator> wrapper, UnaryOperator<Executor> beside) {
        if (translation != Translation.OFF) {
            boolean eager = translation == Translation.EAGER;
            Translator translator = wrapper.apply(eager ? new BytecodeTranslator()
                    : new BytecodeTranslator(beside.apply(RegionThread.executor())));
            machine.harts().forEach(hart -> hart.translate(translator, eager));
        }
    }

    private void open(BoardOptions.DiskFile file, List<DiskImage> into) throws IOException {
        DiskImage opened = DiskImage.open(file.path(), file.readOnly());
        into.add(opened);
        requireApart(opened);
    }

    private void openVirtioDisk(BoardOptions.DiskFile file) throws IOException {
        try {
            open(file, virtioDisks);
        } catch (IOException e) {
            throw new UnusableFile("--virtio-disk", e);
        }
    }

    private List<DiskImage> allDisks() {
        return Stream.concat(disks.stream(), virtioDisks.stream()).toList();
    }

    private static SoundFiles openSound(BoardOptions.Sound files) throws IOException {
        try {
            return SoundFiles.open(files.in(), files.out());
        } catch (IOException e) {
            throw new UnusableFile("--sound", e);
        }
    }

    private Hostfs openHostfs(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new UnusableFile("--host-files", new IOException(directory + " is no directory"));
        }
        return new Hostfs("hostfs0", machine.bus(), directory, this::isDisk);
    }

    private static Wire openWire(NetPlug net) throws IOException {
        try {
            return net.peer() != NetPlug.NO_PEER ? PeerWire.open(new Peer((int) net.peer()), net.out())
                    : CaptureWire.open(net.in(), net.first(), net.out());
        } catch (IOException e) {
            throw new UnusableFile("--net", e);
        }
    }

    /** Returns the cable of the network card; null without one. */
    Wire wire() {
        return wire;
    }

    /** Returns the device for files of the host; null without it. */
    Hostfs hostfs() {
        return hostfs;
    }

    /** Returns the files of the sound card; null without one. */
    SoundFiles sound() {
        return sound;
    }

    /** Returns the devices that users plug in. */
    PluggedDevices plugged() {
        return plugged;
    }

    /**
     * Connects the devices that users plug in, after the board's own.
     *
     * @param dma the board's DMA controller, or null
     * @param log takes the lines that models write for a person
     */
    void plug(Plic plic, DmaController dma, Consumer<String> log) {
        for (PluggedDevice device : plugged.all()) {
            List<IrqLine> lines = device.interrupts().stream().map(plic::line).toList();
            machine.add(device.device()).connect(machine,
                    new ModelDevice.Place(device.name(), device.base(), lines, dma, device.channel(), log));
        }
        if (!plugged.all().isEmpty()) {
            monitor.add(new DeviceCommand(plugged.all().stream().map(PluggedDevice::device).toList()));
        }
    }

    /** Refuses a file that is two disks, by one name or two, unless both are read-only. */
    private void requireApart(DiskImage opened) throws IOException {
        for (DiskImage other : allDisks()) {
            if (other != opened && other.isSameFile(opened) && !(other.isReadOnly() && opened.isReadOnly())) {
                throw new IOException((other.path().equals(opened.path()) ? opened.path() + " is given as two disks"
                        : other.path() + " and " + opened.path() + " are the same file") + ", and one of them is "
                        + "written; give both read-only (FILE,ro), or a copy");
            }
        }
    }

    Machine machine() {
        return machine;
    }

    boolean isDisk(Path file) {
        return allDisks().stream().anyMatch(disk -> disk.isFile(file));
    }

    List<DiskImage> disks() {
        return disks;
    }

    /** Returns the virtio disks of the ferrite board. */
    List<DiskImage> virtioDisks() {
        return virtioDisks;
    }

    Monitor monitor() {
        return monitor;
    }

    /** Bus master that fills RAM before power-on. */
    BusMaster loader() {
        return loader;
    }

    void put(long pa, byte[] bytes) {
        machine.bus().write(loader, pa, bytes, 0, bytes.length);
    }

    void attachBootRom(BootRom rom) {
        machine.bus().attach("bootrom", kind.bootRom(), BootRom.BYTES, rom);
    }

    /** Stops the run as the guest's power-off does. */
    void switchOff() {
        machine.turn().stop(Turn.Stop.POWERED_OFF);
    }

    @Override
    public void close() throws IOException {
        machine.close();
        plugged.close();
        closeFiles();
    }

    private void closeFiles() throws IOException {
        for (DiskImage disk : allDisks()) {
            disk.close();
        }
        if (sound != null) {
            sound.close();
        }
        if (wire != null) {
            wire.close();
        }
        if (hostfs != null) {
            hostfs.close();
        }
    }
}
