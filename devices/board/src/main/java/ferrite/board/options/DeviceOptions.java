package ferrite.board.options;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.InputTarget;
import ferrite.board.layout.VirtioKind;
import ferrite.hardware.model.DeviceModel;
import ferrite.peripherals.fault.Fault;
import ferrite.peripherals.net.Wire;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The devices of one machine that options add.
 *
 * @param <T> the class of all options
 */
public abstract class DeviceOptions<T extends DeviceOptions<T>> {

    /** Stands for the last virtio slot that is free. */
    public static final int ANY_SLOT = -1;

    /**
     * The files of a sound card.
     *
     * @param in  null for silence
     * @param out null if the sound that is played is lost
     */
    public record Sound(Path in, Path out) { }

    /**
     * A file that is a disk.
     *
     * @param slot the virtio slot of the {@link BoardKind#VIRT} board, or {@link #ANY_SLOT}
     */
    public record DiskFile(Path path, boolean readOnly, int slot) {

        /** A disk in any slot. */
        public DiskFile(Path path, boolean readOnly) {
            this(path, readOnly, ANY_SLOT);
        }
    }

    private final List<DiskFile> disks = new ArrayList<>();
    private final List<DiskFile> virtioDisks = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    /** Null without a sound card. */
    private Sound sound;
    /** Null without a network card. */
    private NetPlug net;
    /** Null for what {@link #net} says. */
    private Wire cable;
    /** Null without files of the host. */
    private Path hostFiles;
    /** Null if nothing comes over the serial line. */
    private Path serialInput;
    private final List<DevicePlug> devices = new ArrayList<>();
    private final List<VirtioKind> virtio = new ArrayList<>();
    private final Map<VirtioKind, Integer> virtioSlots = new EnumMap<>(VirtioKind.class);
    private InputTarget input = InputTarget.BOTH;
    private boolean virtioLegacy;

    DeviceOptions() { }

    /** Returns this object. */
    abstract T self();

    // ---- disks ----

    /** Adds the next disk: disk0, disk1, … */
    public T disk(Path file) {
        return disk(new DiskFile(file, false));
    }

    /** Adds the next disk, write-protected. */
    public T readOnlyDisk(Path file) {
        return disk(new DiskFile(file, true));
    }

    public T disk(DiskFile file) {
        disks.add(file);
        return self();
    }

    public List<DiskFile> disks() {
        return List.copyOf(disks);
    }

    /** Adds the next virtio disk of the {@link BoardKind#FERRITE} board: vda, vdb, … */
    public T virtioDisk(Path file) {
        return virtioDisk(new DiskFile(file, false));
    }

    public T virtioDisk(DiskFile file) {
        virtioDisks.add(file);
        return self();
    }

    public List<DiskFile> virtioDisks() {
        return List.copyOf(virtioDisks);
    }

    // ---- virtio ----

    /** Adds the next device in a virtio slot, after all disks. A board takes each kind once. */
    public T virtio(VirtioKind value) {
        return virtio(value, ANY_SLOT);
    }

    /**
     * As {@link #virtio(VirtioKind)}.
     *
     * @param slot the slot of the {@link BoardKind#VIRT} board, or {@link #ANY_SLOT}
     */
    public T virtio(VirtioKind value, int slot) {
        virtio.add(value);
        virtioSlots.put(value, slot);
        return self();
    }

    public List<VirtioKind> virtio() {
        return List.copyOf(virtio);
    }

    /** Returns the slot that was chosen for a kind of device, or {@link #ANY_SLOT}. */
    public int virtioSlot(VirtioKind value) {
        return virtioSlots.getOrDefault(value, ANY_SLOT);
    }

    /** Returns the number of virtio devices of the {@link BoardKind#FERRITE} board. */
    public int virtioDevices() {
        return virtioDisks.size() + virtio.size() + (hasNet(NetCard.VIRTIO) ? 1 : 0);
    }

    /** Sets whether virtio devices have the legacy interface, which is QEMU's default. */
    public T virtioLegacy(boolean legacy) {
        virtioLegacy = legacy;
        return self();
    }

    public boolean virtioLegacy() {
        return virtioLegacy;
    }

    // ---- other devices ----

    /** Adds a fault of a device. */
    public T fault(Fault fault) {
        faults.add(fault);
        return self();
    }

    public List<Fault> faults() {
        return List.copyOf(faults);
    }

    /**
     * Adds a sound card.
     *
     * @param in  a WAV file that it records from; null for silence
     * @param out a WAV file that it plays to; null if the sound that is played is lost
     */
    public T sound(Path in, Path out) {
        sound = new Sound(in, out);
        return self();
    }

    /** The files of the sound card; null without one. */
    public Sound sound() {
        return sound;
    }

    /** Adds a network card; one of virtio takes a slot, after all other devices. */
    public T net(NetPlug value) {
        net = value;
        cable = null;
        return self();
    }

    /** The network card; null without one. */
    public NetPlug net() {
        return net;
    }

    /**
     * Adds a network card with any cable.
     *
     * @param wire the cable, which serves one machine and is closed with it
     * @param mac  the card's address in 48 bits, its first byte highest
     */
    public T net(NetCard card, long mac, Wire wire) {
        net(new NetPlug(null, null, NetPlug.AS_CAPTURED, mac, NetPlug.NO_PEER, card));
        cable = wire;
        return self();
    }

    /** The cable of the network card; null for what {@link #net()} says. */
    public Wire cable() {
        return cable;
    }

    /** Tells whether there is a network card of a kind. */
    public boolean hasNet(NetCard card) {
        return net != null && net.card() == card;
    }

    /** Adds a device for files of the host, in one directory. */
    public T hostFiles(Path directory) {
        hostFiles = directory;
        return self();
    }

    /** The directory with the files of the host that a machine may use; null for none. */
    public Path hostFiles() {
        return hostFiles;
    }

    /** Sets the file with the bytes that come over the serial line. */
    public T serialInput(Path value) {
        serialInput = value;
        return self();
    }

    /** The file with the bytes that come over the serial line; null for none. */
    public Path serialInput() {
        return serialInput;
    }

    /** Sets which consoles of a bare program get the host's input, if it has a virtio console. */
    public T input(InputTarget value) {
        input = value;
        return self();
    }

    /** The consoles that get the host's input; the serial line if there is no virtio console. */
    public InputTarget input() {
        return input;
    }

    // ---- devices of models ----

    /** Plugs in a device of a model, at a place that the board chooses. The object serves one machine. */
    public T device(DeviceModel model) {
        return device(model, "");
    }

    /**
     * Plugs in a device of a model. The object serves one machine.
     *
     * @param words the device's place and parameters, as in {@code --device} after the file: {@code "irq=9,faces=8"}
     * @throws IllegalArgumentException with a sentence
     */
    public T device(DeviceModel model, String words) {
        return device(DevicePlug.ofModel(model, words));
    }

    public T device(DevicePlug plug) {
        devices.add(plug);
        return self();
    }

    public List<DevicePlug> devices() {
        return List.copyOf(devices);
    }
}
